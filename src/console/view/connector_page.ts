/** The page of a connector: what it is configured with, and its operations. */
import type { ConnectorDescription } from "../../worker/describe.ts";
import { h } from "../parts/dom.ts";
import type { Page } from "./operation_page.ts";

export function connectorPage(connector: ConnectorDescription): Page {
  const { id, title, version, doc, link, configured, config, operations } = connector;
  return {
    title,
    element: h(
      "div",
      { class: "page" },
      h(
        "header",
        { class: "heading" },
        h("h1", { tabindex: -1 }, title),
        h(
          "p",
          { class: "route" },
          h("code", {}, `${id} ${version}`),
          h(
            "span",
            { class: configured ? "badge good" : "badge" },
            configured ? "configured" : "not configured",
          ),
        ),
        doc === undefined ? undefined : h("p", {}, doc),
        link === undefined ? undefined : h(
          "p",
          {},
          h("a", { href: link, target: "_blank", rel: "noreferrer" }, "Documentation of the API"),
        ),
      ),
      config.length === 0 ? undefined : h(
        "section",
        { class: "card", "aria-label": "Configuration" },
        h("h2", {}, "Configuration"),
        h(
          "ul",
          { class: "plain" },
          ...config.map((field) =>
            h(
              "li",
              {},
              h("code", {}, field.env ?? field.name),
              field.optional ? " optional" : "",
              field.secret ? " secret" : "",
              field.doc === undefined ? "" : h("span", { class: "note" }, ` ${field.doc}`),
            )
          ),
        ),
      ),
      h(
        "section",
        { class: "card", "aria-label": "Operations" },
        h("h2", {}, `Operations (${operations.length})`),
        h(
          "ul",
          { class: "plain list" },
          ...operations.map(({ id: operation, summary, method }) =>
            h(
              "li",
              {},
              h("a", { href: `#/${id}/${operation}` }, operation),
              " ",
              h("span", { class: "note" }, `${method} ${summary ?? ""}`),
            )
          ),
        ),
      ),
    ),
  };
}
