/** The page at `/`: every operation with a form to try it. One file without external resources. */
import type { OperationDefinition } from "../../connector/definition/definition.ts";
import type { Entry } from "../registry.ts";

export function docsPage(title: string, entries: Iterable<Entry>, nonce: string): string {
  const sections = [...entries].map(connectorSection);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1>
<nav><a href="/openapi.json">openapi.json</a> <a href="/connectors">connectors</a> <a href="/readyz">readyz</a></nav></header>
<main>${sections.length === 0 ? "<p>No connectors are served.</p>" : sections.join("\n")}</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}

function connectorSection(entry: Entry): string {
  const { id, title, version, doc, operations } = entry.definition;
  const missing = entry.missing();
  return `<section><h2>${escapeHtml(title)} <small>${escapeHtml(id)} ${
    escapeHtml(version)
  }</small></h2>
${doc === undefined ? "" : `<p>${escapeHtml(doc)}</p>`}
${missing === undefined ? "" : `<p class="warn">Not configured: ${escapeHtml(missing)}</p>`}
${operations.map((operation) => operationForm(id, operation)).join("\n")}</section>`;
}

function operationForm(id: string, operation: OperationDefinition): string {
  const input = JSON.stringify(operation.examples[0]?.input ?? {}, null, 2);
  const path = `/connectors/${id}/${operation.id}`;
  const rows = Math.min(20, input.split("\n").length + 1);
  return `<details><summary><code>${escapeHtml(operation.id)}</code> ${
    escapeHtml(operation.summary ?? "")
  }${operation.deprecated ? " <em>deprecated</em>" : ""}</summary>
<form data-path="${escapeHtml(path)}">
<textarea name="input" rows="${rows}" spellcheck="false" aria-label="Input of ${
    escapeHtml(operation.id)
  }">${escapeHtml(input)}</textarea>
<div><button>POST ${
    escapeHtml(path)
  }</button> <button type="button" hidden>Stop</button> <output></output></div>
<pre hidden></pre></form></details>`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}header{display:flex;flex-wrap:wrap;gap:1rem;align-items:baseline}
h1{font-size:1.4rem}h2{font-size:1.2rem;margin-top:2rem}small,nav{opacity:.8;font-weight:normal}
details{border:1px solid #8886;border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}summary{cursor:pointer}
textarea,pre{box-sizing:border-box;width:100%;font:13px/1.45 ui-monospace,monospace;padding:.5rem;margin:.5rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8886;border-radius:4px;max-height:30rem;overflow:auto}
.warn{border-left:4px solid #c60;padding-left:.5rem}button{font:inherit;padding:.2rem .6rem}`;

const SCRIPT = `for (const form of document.querySelectorAll("form")) {
  const [send, stop] = form.querySelectorAll("button");
  const shown = form.querySelector("pre"), state = form.querySelector("output");
  let call;
  stop.onclick = () => call?.abort();
  form.onsubmit = async (event) => {
    event.preventDefault();
    call?.abort();
    const mine = call = new AbortController();
    shown.hidden = stop.hidden = false;
    shown.textContent = "";
    state.textContent = "…";
    try {
      const response = await fetch(form.dataset.path, {
        method: "POST", body: form.elements.input.value,
        headers: { "content-type": "application/json" }, signal: mine.signal,
      });
      state.textContent = response.status + " " + (response.headers.get("content-type") ?? "");
      const streamed = state.textContent.includes("event-stream");
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        if (streamed) shown.textContent = text;
      }
      if (!streamed) {
        try { shown.textContent = JSON.stringify(JSON.parse(text), null, 2); } catch { shown.textContent = text; }
      }
    } catch (error) {
      state.textContent += " " + error.message;
    }
    if (call === mine) stop.hidden = true;
  };
}`;
