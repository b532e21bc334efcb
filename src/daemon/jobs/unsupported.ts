/** What a runtime without a queue says. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";

export function submitUnsupported(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "submit.unsupported",
    message:
      "This runtime takes no calls to make later: it must be a member of a pool on a server of NATS with JetStream, and know the pool's secret (join.secret, VASTAR_JOIN_SECRET)",
    origin: "caller",
  });
}
