/** Edits of the spec of a database. */
export const DATABASE = `connector: 1
id: notes
version: 1.0.0
protocol: postgres
config: { url: { type: string, secret: true, env: NOTES_DB } }
session: { readOnly: true }
operations:
  notes.get:
    sql: select id, text from notes where id = $id
    input: { id: integer }
    columns: { id: integer, text: string }
    result: row?
`;

/** Edits of base.yaml and the changes that each one causes, as `code subject`, the most severe first. */
export type Edit = readonly [from: string, to: string];
export interface Case {
  readonly expected: readonly string[];
  readonly edits: readonly Edit[];
}

function edit(expected: string | readonly string[], ...edits: readonly Edit[]): Case {
  return { expected: typeof expected === "string" ? [expected] : expected, edits };
}

export const DATABASE_CASES: readonly Case[] = [
  edit("operation.query notes.get", ["where id = $id", "where id = $id and not gone"]),
  edit("operation.query notes.get", ["where id", "as n where id"]),
  edit("operation.session notes.get", ["readOnly: true", "readOnly: true, role: reader"]),
  edit(["connector.protocol notes", "server.url server default", "operation.query notes.get"], [
    "protocol: postgres",
    "protocol: sqlite",
  ]),
];

export const CASES: readonly Case[] = [
  edit("connector.id memos", ["id: notes\n", "id: memos\n"]),
  edit("connector.name notes", ["name: Notes\n", "name: Notary\n"]),
  edit("connector.text notes", ["title: Notes\n", "title: Memos\n"]),
  edit("connector.text notes", ["link: https://notes.example/docs", "link: https://notes.example"]),
  edit("connector.policy notes", ["total: 1m", "total: 90s"]),
  edit("connector.headers notes", ["X-Size:", "X-Length:"]),
  edit("connector.check notes", [
    "notes.list, input: { sort: up }",
    "notes.list, input: { sort: down }",
  ]),
  edit(
    ["connector.hooks notes", "operation.hooks notes.delete"],
    [
      "operations:\n",
      "hooks:\n  sign: { kind: request, module: ./hooks.ts, export: sign }\noperations:\n",
    ],
    ["    delete: /notes/{id}\n", "    delete: /notes/{id}\n    hooks: { request: sign }\n"],
  ),

  edit("server.added server us", ["  files: https", "  us: https://us.example\n  files: https"]),
  edit("server.removed server files", ["  files: https://files.notes.example\n", ""]),
  edit("server.url server default", ["example/v1", "example/v2"]),
  edit(
    ["server.url server eu", "server.variable.added server eu variable door"],
    ["{zone}\n", "{zone}/{door}\n"],
    ["      zone:", "      door: { enum: [a], default: a }\n      zone:"],
  ),
  edit(
    ["server.variable.required server eu variable door", "server.url server eu"],
    ["{zone}\n", "{zone}/{door}\n"],
    ["      zone:", "      door: { enum: [a] }\n      zone:"],
  ),
  edit(
    ["server.variable.removed server eu variable zone", "server.url server eu"],
    ["/{zone}\n", "\n"],
    ['      zone: { pattern: "[a-z]+", default: a }\n', ""],
  ),
  edit("server.variable.required server eu variable tier", [
    ", default: plain }\n      zone",
    " }\n      zone",
  ]),
  edit("server.variable.optional server eu variable region", [
    "[west, east] }",
    "[west, east], default: west }",
  ]),
  edit("server.variable.narrowed server eu variable region", ["[west, east] }", "[west] }"]),
  edit("server.variable.widened server eu variable region", [
    "[west, east] }",
    "[west, east, north] }",
  ]),
  edit("server.variable.narrowed server eu variable zone", ["[a-z]+", "[a-c]+"]),

  edit(
    ["config.added.required config key", "connector.headers notes"],
    ["  team:", "  key: { type: string }\n  team:"],
    ["X-User:", 'X-Key: "${config.key}", X-User:'],
  ),
  edit(
    ["config.added.optional config key", "connector.headers notes"],
    ["  team:", "  key: { type: string, optional: true }\n  team:"],
    ["X-User:", 'X-Key: "${config.key?}", X-User:'],
  ),
  edit(
    ["config.removed config user", "connector.headers notes"],
    ["  user: { type: string, env: NOTES_USER }\n", ""],
    [', X-User: "${config.user}"', ""],
  ),
  edit(
    ["config.required config team", "connector.headers notes"],
    ["  team: { type: string, optional: true }", "  team: { type: string }"],
    ["${config.team?}", "${config.team}"],
  ),
  edit(
    ["config.optional config user", "connector.headers notes"],
    ["env: NOTES_USER }", "env: NOTES_USER, optional: true }"],
    ["${config.user}", "${config.user?}"],
  ),
  edit("config.env.added config team", [
    "optional: true }\n  size",
    "optional: true, env: NOTES_TEAM }\n  size",
  ]),
  edit("config.env.changed config user", ["NOTES_USER", "NOTES_NAME"]),
  edit("config.default config size", ["default: 10", "default: 20"]),
  edit("config.secret config user", ["env: NOTES_USER }", "env: NOTES_USER, secret: true }"]),
  edit("config.text config token", ["The token.", "The key."]),
  edit("request.narrowed config user", ["user: { type: string,", "user: { enum: [ann, bob],"]),

  edit("auth.kind auth", [
    "{ type: bearer, token:",
    "{ type: apiKey, in: header, name: X-Key, value:",
  ]),
  edit("auth.changed auth", [
    'token: "${config.token}" }\nheaders',
    'token: "a${config.token}" }\nheaders',
  ]),
  edit("auth.changed notes.delete", [
    "    delete: /notes/{id}\n",
    "    delete: /notes/{id}\n    auth: none\n",
  ]),

  edit("error.added error GoneError", [
    "    - { status: 402",
    "    - { status: 499, class: Gone }\n    - { status: 402",
  ]),
  edit("error.removed error QuotaError", [
    "    - { status: 402, body: { $.kind: quota }, class: Quota }\n",
    "",
  ]),
  edit("error.less error NotFoundError", ["[404, 410]", "[404]"]),
  edit("error.more error NotFoundError", ["[404, 410]", "[404, 410, 411]"]),
  edit("error.match error QuotaError", ["$.kind: quota", "$.kind: money"]),
  edit("error.retry error RateLimitError", ["retry: default", "retry: never"]),
  edit("error.text error RateLimitError", ["Too many.", "Too often."]),
  edit("error.text errors", ["message: $.message", "message: $.text"]),
  edit(["response.narrowed error body", "type.added Problem"], [
    "  rules:\n",
    "  type: Problem\n  rules:\n",
  ], [
    "types:\n",
    "types:\n  Problem: { type: object, properties: { message: string, kind: string } }\n",
  ]),
  edit(
    "error.added notes.delete error BusyError",
    [
      "    delete: /notes/{id}\n",
      "    delete: /notes/{id}\n    errors: [{ status: 409, class: Busy }]\n",
    ],
  ),

  edit("operation.added notes.lock", [
    "  notes.delete:",
    "  notes.lock:\n    put: /lock\n  notes.delete:",
  ]),
  edit("operation.removed notes.tail", [
    `  notes.tail:
    get: /tail
    result: { type: array, items: Note }
`,
    "",
  ]),
  edit("operation.renamed notes.delete", ["  notes.delete:", "  notes.remove:"]),
  edit("operation.request notes.delete", ["delete: /notes/{id}", "delete: /note/{id}"]),
  edit("operation.request notes.delete", [
    "    delete: /notes/{id}\n",
    "    delete: /notes/{id}\n    server: files\n",
  ]),
  edit("operation.deprecated notes.delete", [
    "    delete:",
    "    deprecated: Keep them.\n    delete:",
  ]),
  edit(
    ["operation.name notes.tail", "error.added notes.send error BusyError", "type.added NotesTail"],
    ["types:\n", "types:\n  NotesTail: { type: object, properties: { ok: boolean } }\n"],
    [
      "additionalProperties: true }\n",
      "additionalProperties: true }\n    errors: [{ status: 409, class: Busy, type: NotesTail }]\n",
    ],
  ),
  edit("operation.text notes.list", ["summary: List notes.", "summary: List all notes."]),
  edit("operation.examples notes.list", ["{ name: all,", "{ name: some,"]),
  edit("operation.headers notes.create", ["X-Kind: note", "X-Kind: memo"]),
  edit("operation.policy notes.create", ["total: 2m", "total: 3m"]),
  edit("operation.usage notes.list", ["$[0].size", "$[1].size"]),
  edit("operation.idempotency notes.create", ["header: Idempotency-Key", "header: X-Key"]),

  edit("parameter.added.required notes.delete by", [
    "      why:",
    "      by: { in: query, type: string }\n      why:",
  ]),
  edit("parameter.added.optional notes.delete by", [
    "      why:",
    "      by: { in: query, type: string, optional: true }\n      why:",
  ]),
  edit("parameter.removed notes.delete force", [
    "      force: { in: query, type: boolean, optional: true, default: false }\n",
    "",
  ]),
  edit(["parameter.required notes.delete force", "schema.default notes.delete force"], [
    "boolean, optional: true, default: false",
    "boolean",
  ]),
  edit("parameter.optional notes.delete why", [
    "type: string, description: The",
    "type: string, optional: true, description: The",
  ]),
  edit("parameter.wire notes.delete why", ["why: { in: query,", "why: { in: header,"]),
  edit("parameter.sent notes.delete force", [
    "optional: true, default: false",
    "send: true, default: false",
  ]),
  edit("schema.text notes.delete why", ["The reason.", "The cause."]),
  edit("schema.deprecated notes.delete why", ["The reason. }", "The reason., deprecated: true }"]),
  edit("request.limit.tighter notes.list per_page", ["maximum: 100", "maximum: 50"]),
  edit("request.limit.looser notes.list per_page", ["maximum: 100, ", ""]),

  edit("body.added.required notes.export body", [
    "    post: /export\n",
    "    post: /export\n    body: NewNote\n",
  ]),
  edit("body.added.optional notes.export body", [
    "    post: /export\n",
    "    post: /export\n    body: { json: NewNote, optional: true }\n",
  ]),
  edit("body.removed notes.send body", [
    "    body: { type: object, required: [to], properties: { to: string, cc: string } }\n",
    "",
  ]),
  edit(["body.place notes.create body", "body.optional notes.create body"], [
    "    body: NewNote\n    result",
    "    body: { json: NewNote, optional: true }\n    result",
  ]),
  edit("body.place notes.create body", [
    "    body: NewNote\n    result",
    "    body: { json: NewNote, as: note }\n    result",
  ]),
  edit("body.wire notes.send body", [
    "body: { type: object, required: [to], properties: { to: string, cc: string } }",
    "body: { form: { type: object, required: [to], properties: { to: string, cc: string } } }",
  ]),
  edit("body.alternative.added notes.create body", [
    "    body: NewNote\n    result",
    "    body: { json: NewNote, alternatives: [{ form: NewNote }] }\n    result",
  ]),
  edit("request.property.added.required notes.send body.bcc", [
    "[to], properties: {",
    "[to, bcc], properties: { bcc: string,",
  ]),
  edit("request.property.added.optional notes.send body.bcc", [
    "[to], properties: {",
    "[to], properties: { bcc: string,",
  ]),
  edit("request.property.removed notes.send body.cc", ["to: string, cc: string", "to: string"]),
  edit("request.property.required notes.send body.cc", [
    "[to], properties",
    "[to, cc], properties",
  ]),
  edit("request.property.optional notes.send body.to", [
    "required: [to], properties",
    "properties",
  ]),

  edit("result.empty notes.tail result", [
    "    get: /tail\n    result: { type: array, items: Note }",
    "    get: /tail\n    result: { json: { type: array, items: Note }, mayBeEmpty: true }",
  ]),
  edit("result.kind notes.tail result", [
    "    get: /tail\n    result: { type: array, items: Note }",
    "    get: /tail\n    result: { text: text/plain }",
  ]),
  edit(["type.changed notes.tail result", "result.place notes.tail result"], [
    "    get: /tail\n    result: { type: array, items: Note }",
    "    get: /tail\n    result: { json: { type: array, items: Note }, select: '$[0]' }",
  ]),
  edit("response.property.added notes.send result.at", [
    "{ ok: boolean }",
    "{ ok: boolean, at: string }",
  ]),
  edit([
    "response.property.removed notes.send result.ok",
    "response.property.added notes.send result.done",
  ], ["required: [ok], properties: { ok:", "required: [done], properties: { done:"]),
  edit("response.property.optional notes.send result.ok", [
    "required: [ok], properties",
    "properties",
  ]),
  edit("response.limit notes.send result", [
    "additionalProperties: true",
    "additionalProperties: false",
  ]),

  edit("stream.added notes.send stream", [
    "    result: { type: object, required: [ok]",
    "    stream: { when: { $body.cc: a }, format: sse, item: Chunk }\n    result: { type: object, required: [ok]",
  ]),
  edit("stream.always notes.tail stream", [
    "    get: /tail\n",
    "    get: /tail\n    stream: { format: ndjson, item: Chunk }\n",
  ]),
  edit("stream.when notes.create stream", ["$body.stream: true", "$body.stream: false"]),
  edit("stream.wire notes.create stream", ['done: "[DONE]"', 'done: "[END]"']),
  edit("stream.text.removed notes.create stream", ["      text: $.text\n", ""]),
  edit("stream.result.removed notes.create stream", [
    "      accumulate: { style: merge, concat: [$.text], result: Chunk }\n",
    "",
  ]),

  edit("pages.added notes.tail pages", [
    "    get: /tail\n",
    "    get: /tail\n    paginate: { style: single, items: $ }\n",
  ]),
  edit("pages.wire notes.list pages", ["style: page, param", "style: offset, param"]),
  edit("wait.added notes.tail", [
    "    get: /tail\n",
    "    get: /tail\n    waitFor: { poll: notes.exported, input: { id: 7 }, until: { $.state: done } }\n",
  ]),
  edit("wait.wire notes.export", ["interval: 1s", "interval: 2s"]),

  edit(
    ["type.removed NoteEvent", "type.added Happening"],
    ["note.created: { type: NoteEvent", "note.created: { type: Happening"],
    ["note.deleted: { type: NoteEvent", "note.deleted: { type: Happening"],
    ["  NoteEvent:", "  Happening:"],
  ),
  edit("type.changed Note.serial", ["as: text }", "as: bigint }"]),
  edit("type.changed Note.tags", [
    "tags: { type: array, items: string }",
    "tags: { type: integer }",
  ]),
  edit(["request.narrowed NewNote.place"], [
    "place: { type: string, format: uri }",
    "place: { enum: [here, there] }",
  ]),
  edit(["request.widened NewNote.size"], [
    "size: { type: integer, minimum: 1 }",
    "size: { type: number, minimum: 1 }",
  ]),
  edit(["request.widened NewNote.place"], [
    "place: { type: string, format: uri }",
    "place: { oneOf: [{ type: string, format: uri }, integer] }",
  ]),
  edit("request.property.added.optional NewNote.meta.lang", [
    "meta: { type: object, additionalProperties: string }",
    "meta: { type: object, properties: { lang: string }, additionalProperties: string }",
  ]),
  edit("request.widened NewNote.meta.*", [
    "additionalProperties: string",
    "additionalProperties: {}",
  ]),
  edit("request.value.added NewNote.kind", [
    "kind: { enum: [plain, rich], default",
    "kind: { enum: [plain, rich, odd], default",
  ]),
  edit("request.value.removed NewNote.kind", [
    "kind: { enum: [plain, rich], default",
    "kind: { enum: [plain], default",
  ]),
  edit("request.limit.tighter NewNote.text", ["maxLength: 1000", "maxLength: 100"]),
  edit("request.limit.looser NewNote.text", ["maxLength: 1000", "maxLength: 2000"]),
  edit("schema.format NewNote.place", ["format: uri", "format: uuid"]),
  edit("schema.default NewNote.kind", [
    "default: plain }\n      size",
    "default: rich }\n      size",
  ]),
  edit("schema.deprecated NewNote.old", [
    "{ type: string, deprecated: Use text. }",
    "{ type: string }",
  ]),
  edit("request.widened NewNote.place", ["format: uri }", "format: uri, nullable: true }"]),

  edit("response.widened Note.size", [
    "size: { type: integer, minimum: 0 }",
    "size: { type: number, minimum: 0 }",
  ]),
  edit("response.narrowed Note.owner", [
    "owner: { type: string, nullable: true }",
    "owner: { type: string }",
  ]),
  edit("response.widened Note.text", [
    "text: { type: string, description: What",
    "text: { type: string, nullable: true, description: What",
  ]),
  edit("response.narrowed Note.author", ["oneOf: [string, integer]", "oneOf: [string]"]),
  edit("response.widened Note.author", [
    "oneOf: [string, integer]",
    "oneOf: [string, integer, boolean]",
  ]),
  edit("response.value.added Note.kind", [
    "      kind: { enum: [plain, rich] }",
    "      kind: { enum: [plain, rich, odd] }",
  ]),
  edit("response.value.added.closed Note.level", ["enum: [1, 2]", "enum: [1, 2, 3]"]),
  edit("response.value.removed Note.level", ["enum: [1, 2]", "enum: [1]"]),
  edit("response.property.required Note.size", [
    "required: [id, text, kind]",
    "required: [id, text, kind, size]",
  ]),
  edit("response.property.removed Note.owner", [
    "      owner: { type: string, nullable: true }\n",
    "",
  ]),
  edit("response.limit Note.size", ["minimum: 0", "minimum: 1"]),
  edit("schema.text Note.text", ["What it says.", "Its words."]),
  edit("response.narrowed Note.tags[]", [
    "tags: { type: array, items: string }",
    "tags: { type: array, items: { enum: [a, b] } }",
  ]),

  edit("webhook.added webhook note.read", [
    "    note.deleted: {",
    "    note.read: { type: NoteEvent }\n    note.deleted: {",
  ]),
  edit("webhook.removed webhook note.deleted", ["    note.deleted: { type: NoteEvent }\n", ""]),
  edit("webhook.verification webhooks", ["header: X-Token", "header: X-Secret"]),
  edit("webhook.text webhook note.created", ["Somebody wrote a note.", "A note is there."]),
];

/** The reverse cases: base.yaml is the new version. */
export const BACKWARDS: readonly Case[] = [
  edit("result.present notes.tail result", [
    "    get: /tail\n    result: { type: array, items: Note }",
    "    get: /tail\n    result: { json: { type: array, items: Note }, mayBeEmpty: true }",
  ]),
  edit("operation.restored notes.delete", ["    delete:", "    deprecated: true\n    delete:"]),
  edit("body.alternative.removed notes.create body", [
    "    body: NewNote\n    result",
    "    body: { json: NewNote, alternatives: [{ form: NewNote }] }\n    result",
  ]),
  edit(["body.required notes.create body", "body.place notes.create body"], [
    "    body: NewNote\n    result",
    "    body: { json: NewNote, optional: true }\n    result",
  ]),
  edit("stream.removed notes.tail stream", [
    "    get: /tail\n",
    "    get: /tail\n    stream: { format: ndjson, item: Chunk }\n",
  ]),
  edit("stream.text.added notes.create stream", ["      text: $.text\n", ""]),
  edit("stream.result.added notes.create stream", [
    "      accumulate: { style: merge, concat: [$.text], result: Chunk }\n",
    "",
  ]),
  edit("pages.removed notes.tail pages", [
    "    get: /tail\n",
    "    get: /tail\n    paginate: { style: single, items: $ }\n",
  ]),
  edit("wait.removed notes.tail", [
    "    get: /tail\n",
    "    get: /tail\n    waitFor: { poll: notes.exported, input: { id: 7 }, until: { $.state: done } }\n",
  ]),
  edit(
    "type.added Chunk",
    ["item: Chunk", "item: { type: object, required: [text], properties: { text: string } }"],
    ["result: Chunk", "result: { type: object, required: [text], properties: { text: string } }"],
    [
      "  Chunk:\n    type: object\n    required: [text]\n    properties:\n      text: { type: string }\n",
      "",
    ],
  ),
];
