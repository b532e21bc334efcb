/** The formats of JSON Schema, as functions. One that is not listed says nothing about a text. */

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);
const HOSTNAME =
  /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;

const ESCAPED = "%[\\da-f]{2}";
const NAMES = `(?:[\\w\\-.~!$&'()*+,;=]|${ESCAPED})*`;
const USER = `(?:[\\w\\-.~!$&'()*+,;=:]|${ESCAPED})*@`;
const path = (more: string): string => `(?:[\\w\\-.~!$&'()*+,;=:@${more}]|${ESCAPED})*`;
/** RFC 3986. What is in brackets is an address. */
const REFERENCE = new RegExp(
  `^([a-z][a-z\\d+\\-.]*:)?(?://(?:${USER})?(?:\\[(.*?)\\]|${NAMES})(?::\\d*)?(?:/${path("/")})?` +
    `|(?!//)${path("/")})(?:\\?${path("/?")})?(?:#${path("/?")})?$`,
  "i",
);
const FUTURE = /^v[\da-f]+\.[\w\-.~!$&'()*+,;=:]+$/i;

const LITERAL = `[^\\x00-\\x20\\x7f"<>%\\\\^\`{|}]|${ESCAPED}`;
const VARIABLE = `(?:\\w|${ESCAPED})+(?:\\.(?:\\w|${ESCAPED})+)*(?::[1-9]\\d{0,3}|\\*)?`;
const TEMPLATE = new RegExp(
  `^(?:${LITERAL}|\\{[+#./;?&=,!@|]?${VARIABLE}(?:,${VARIABLE})*\\})*$`,
  "i",
);

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|([+-])(\d\d):(\d\d))$/i;
const DURATION =
  /^P(?:\d+W|(?=\d|T\d)(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$/;
const MAILBOX = /^("(?:[ !#-[\]-~]|\\[ -~])*"|[\w.!#$%&'*+/=?^`{|}~-]{1,64})@(.+)$/;
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
const POINTER = "(?:/(?:[^~/]|~[01])*)*";

const is = (pattern: RegExp) => (text: string): boolean => pattern.test(text);
const isIpv4 = is(IPV4);
const isHostname = is(HOSTNAME);

const FORMATS = new Map<string, (text: string) => boolean>(Object.entries({
  date: isDate,
  time: isTime,
  "date-time": isDateTime,
  duration: is(DURATION),
  uri: (text: string) => isReference(text, true),
  "uri-reference": (text: string) => isReference(text, false),
  "uri-template": is(TEMPLATE),
  url: (text: string) => /^(?:https?|ftp):\/\/\S+$/i.test(text) && URL.canParse(text),
  email: isEmail,
  hostname: isHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  regex: isRegex,
  uuid: is(UUID),
  "json-pointer": is(new RegExp(`^${POINTER}$`)),
  "relative-json-pointer": is(new RegExp(`^(?:0|[1-9]\\d*)(?:#|${POINTER})$`)),
}));

export function formatTest(name: unknown): ((text: string) => boolean) | undefined {
  return FORMATS.get(String(name));
}

function isDate(text: string): boolean {
  const [, year = "", month = "", day = ""] = DATE.exec(text) ?? [];
  // The last day of a month is the one before the first of the next.
  const last = new Date(Date.UTC(2000 + Number(year) % 400, Number(month), 0)).getUTCDate();
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= last;
}

function isTime(text: string): boolean {
  const parts = TIME.exec(text);
  if (parts === null) return false;
  const [hour = 0, minute = 0, second = 0] = parts.slice(1, 4).map(Number);
  const [awayHours, awayMinutes] = [Number(parts[5] ?? 0), Number(parts[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || awayHours > 23 || awayMinutes > 59) return false;
  // A leap second is the last of a day in UTC.
  const away = (awayHours * 60 + awayMinutes) * (parts[4] === "-" ? -1 : 1);
  return second < 60 || (hour * 60 + minute - away + 1) % 1440 === 0;
}

function isDateTime(text: string): boolean {
  const [date = "", time = "", more] = text.split(/[t\s]/i);
  return more === undefined && isDate(date) && isTime(time);
}

function isReference(text: string, absolute: boolean): boolean {
  const [whole, scheme, address] = REFERENCE.exec(text) ?? [];
  if (whole === undefined || (absolute && scheme === undefined)) return false;
  return address === undefined || isIpv6(address) || FUTURE.test(address);
}

function isIpv6(text: string): boolean {
  const hex = text.replace(/(?<=:)[\d.]+\.\d+$/, (last) => isIpv4(last) ? "0:0" : last);
  const halves = hex.split("::");
  const groups = halves.flatMap((half) => half === "" ? [] : half.split(":"));
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return false;
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length < 8;
}

function isEmail(text: string): boolean {
  const [, name = "", host = ""] = MAILBOX.exec(text) ?? [];
  if (name === "" || name.length > 64) return false;
  if (!name.startsWith('"') && /^\.|\.\.|\.$/.test(name)) return false;
  const [, ipv6, ipv4] = /^\[(?:ipv6:(.*)|(.*))\]$/i.exec(host) ?? [];
  if (ipv6 !== undefined) return isIpv6(ipv6);
  return ipv4 === undefined ? isHostname(host) : isIpv4(ipv4);
}

function isRegex(text: string): boolean {
  try {
    return new RegExp(text, "u").unicode;
  } catch {
    return false;
  }
}
