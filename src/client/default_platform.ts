/** The only place where the runtime's own platform is picked; an option can replace it. */
import { platform } from "#platform";
import type { Platform } from "../core/platform.ts";

export const defaultPlatform: Platform = platform;
