/** The bundled connectors, listed because there is no file system to find them in. */
import { definition as anthropic } from "../../../connectors/anthropic/definition.gen.ts";
import { definition as gemini } from "../../../connectors/gemini/definition.gen.ts";
import { definition as github } from "../../../connectors/github/definition.gen.ts";
import { definition as openai } from "../../../connectors/openai/definition.gen.ts";
import { definition as slack } from "../../../connectors/slack/definition.gen.ts";
import { definition as stripe } from "../../../connectors/stripe/definition.gen.ts";
import type { ConnectorDefinition } from "../../connector/definition/definition.ts";

export const connectors: readonly ConnectorDefinition[] = [
  anthropic,
  gemini,
  github,
  openai,
  slack,
  stripe,
];
