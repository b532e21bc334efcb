/** All diagnostics: titles, and whether generation continues. Codes are never reused. */

export type Severity = "error" | "warning";

export type Code = `VC${number}`;

export const CODES: Readonly<Record<Code, readonly [Severity, string]>> = {
  VC1001: ["error", "File cannot be read"],
  VC1002: ["error", "File too large, or too many files"],
  VC1003: ["error", "Not UTF-8 text"],
  VC1004: ["error", "Syntax error"],
  VC1005: ["error", "Several documents in a file"],
  VC1006: ["error", "Nested too deeply"],
  VC1007: ["error", "Aliases expand too far"],
  VC1008: ["error", "Alias without anchor"],
  VC1009: ["error", "Key that is not text"],
  VC1010: ["error", "File outside the folder"],
  VC1011: ["error", "Malformed import"],
  VC1012: ["error", "Circular imports"],
  VC1013: ["error", "Import of something missing"],
  VC1014: ["error", "Malformed suppression"],
  VC1015: ["warning", "Suppression without effect"],

  VC1101: ["error", "Key given twice"],
  VC1102: ["error", "Unknown key"],
  VC1103: ["error", "Missing key"],
  VC1104: ["error", "Wrong kind of value"],
  VC1105: ["error", "Not one of the known values"],
  VC1106: ["error", "Malformed duration"],
  VC1107: ["error", "Number out of range"],
  VC1108: ["error", "Empty value"],
  VC1109: ["error", "Unknown format version"],
  VC1110: ["error", "Malformed id or version"],
  VC1111: ["error", "Malformed header name"],
  VC1112: ["error", "Mutually exclusive keys"],
  VC1113: ["error", "No operations"],

  VC1201: ["error", "Unknown type"],
  VC1202: ["error", "Malformed reference"],
  VC1203: ["error", "Keyword of another type"],
  VC1204: ["error", "Limits that contradict each other"],
  VC1205: ["error", "Invalid regular expression"],
  VC1206: ["error", "Default that does not fit"],
  VC1207: ["error", "Enum without values, or with duplicates"],
  VC1208: ["error", "Discriminator that cannot decide"],
  VC1209: ["error", "Required property that is not defined"],
  VC1210: ["error", "Type that contains itself endlessly"],
  VC1211: ["error", "Union or intersection without members"],
  VC1212: ["error", "Enum value of another type"],
  VC1213: ["error", "Bytes inside JSON"],

  VC1301: ["error", "Malformed template"],
  VC1302: ["error", "Lookup not allowed here"],
  VC1303: ["error", "Unknown config field"],
  VC1304: ["error", "Optional config field used as if always there"],
  VC1305: ["warning", "Optional lookup that is always there"],
  VC1306: ["error", "Secret in an address"],

  VC1401: ["error", "Malformed selector"],
  VC1402: ["error", "Selector that finds nothing"],
  VC1403: ["error", "Selector of the wrong type"],
  VC1404: ["error", "Selector root not allowed here"],
  VC1405: ["error", "Condition that can never hold"],

  VC1501: ["error", "Malformed server address"],
  VC1502: ["error", "Server variable without a pattern"],
  VC1503: ["error", "Server variable that is not defined"],
  VC1504: ["warning", "Server variable that is not used"],
  VC1505: ["error", "No default server"],
  VC1506: ["warning", "Server without encryption"],
  VC1507: ["error", "Unknown server"],
  VC1508: ["error", "Malformed environment variable name"],
  VC1509: ["warning", "Secret that is not marked"],
  VC1510: ["error", "Key of another auth type"],
  VC1511: ["error", "Secret written into the spec"],
  VC1512: ["error", "Signature that covers nothing"],
  VC1513: ["error", "Config field that is not a scalar"],

  VC1601: ["error", "Malformed path"],
  VC1602: ["error", "Path parameter that is not defined"],
  VC1603: ["error", "Path parameter that is not in the path"],
  VC1604: ["error", "Not exactly one method"],
  VC1605: ["error", "Parameter without a place"],
  VC1606: ["error", "Style that does not fit the place"],
  VC1607: ["error", "Optional path parameter"],
  VC1608: ["error", "Two parameters with one name on the wire"],
  VC1609: ["error", "Parameter and body property with one name"],
  VC1610: ["error", "Body where the method has none"],
  VC1611: ["error", "Body that does not fit its encoding"],
  VC1612: ["error", "Header that is set for you"],
  VC1613: ["error", "Parameter type that has no text form"],
  VC1614: ["error", "Encoding of an unknown property"],
  VC1615: ["warning", "Two operations with one method and path"],

  VC1701: ["error", "Stream condition that is not in the body"],
  VC1702: ["error", "Key of another stream format"],
  VC1703: ["error", "Stream without an item type"],
  VC1704: ["error", "Accumulator that does not fit"],
  VC1705: ["warning", "Stream without an end"],
  VC1706: ["warning", "Result of an operation that always streams"],

  VC1801: ["error", "Page parameter that is not defined"],
  VC1802: ["error", "Items that are not a list"],
  VC1804: ["error", "Page parameter of the wrong type"],
  VC1805: ["error", "Pagination of a stream or binary result"],

  VC1901: ["error", "Rule that can never match"],
  VC1902: ["error", "Malformed status"],
  VC1903: ["error", "Error class with two meanings"],
  VC1904: ["error", "Success status in an error rule"],

  VC2001: ["warning", "Unsafe retry"],
  VC2002: ["warning", "Retry of what cannot succeed"],
  VC2003: ["error", "Malformed retry condition"],
  VC2004: ["error", "Waits that contradict each other"],
  VC2005: ["warning", "Keyed retry without a key"],
  VC2006: ["error", "Timeouts that contradict each other"],
  VC2007: ["warning", "Rate limit without effect"],
  VC2008: ["warning", "Hedging without effect"],

  VC2101: ["error", "Name that is not an identifier"],
  VC2102: ["error", "Two names that become one"],
  VC2103: ["error", "Reserved name"],
  VC2104: ["error", "Operation and group with one name"],

  VC2201: ["warning", "Unused type"],
  VC2202: ["warning", "Unused config field"],
  VC2203: ["warning", "Unused hook"],
  VC2204: ["warning", "Deprecation without a reason"],

  VC2301: ["error", "Example that does not fit its type"],
  VC2302: ["error", "Example of another kind of operation"],
  VC2303: ["error", "Two examples with one name"],

  VC2401: ["error", "Unknown hook"],
  VC2402: ["error", "Hook of another kind"],
  VC2403: ["error", "Malformed hook module"],
  VC2404: ["error", "Webhooks without events"],
  VC2405: ["error", "Webhook event name that cannot be determined"],
  VC2406: ["error", "Webhook signature that covers nothing"],
  VC2407: ["error", "Hook module that cannot be read"],
  VC2408: ["error", "Export that a hook module lacks"],
  VC2409: ["error", "Hook that cannot be called"],

  VC2501: ["error", "Unknown operation"],
  VC2502: ["error", "Check that needs input or changes something"],
  VC2503: ["error", "Wait that cannot poll"],

  VC2601: ["error", "Database without an address"],
  VC2602: ["error", "Nothing that this database has"],
  VC2603: ["error", "Malformed statement"],
  VC2604: ["error", "Value that is not an input"],
  VC2605: ["error", "Input that is not used"],
  VC2606: ["error", "Statement that the session does not allow"],
  VC2607: ["error", "Malformed command"],
  VC2608: ["warning", "Answer of unknown type"],
  VC2609: ["error", "Lock file of something else"],
  VC2610: ["error", "Result that does not fit the statement"],
  VC2611: ["error", "Column that cannot be named"],
  VC2612: ["warning", "Operation that only the lock file has"],
  VC2613: ["warning", "Input of another type than the server takes"],
};

/** Severity and title; a code outside the table cannot be reported. */
export function infoOf(code: Code): { readonly severity: Severity; readonly title: string } {
  const found = CODES[code];
  if (found === undefined) throw new TypeError(`${code} is not in the table of codes`);
  return { severity: found[0], title: found[1] };
}

export function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}
