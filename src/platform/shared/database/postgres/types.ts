/** Numbers of PostgreSQL's own types (pg_type.dat), as far as values are not passed on as text. */

export const BOOL = 16;
export const BYTEA = 17;
export const JSON_TYPES: ReadonlySet<number> = new Set([114, 3802]);
/** int2, int4, oid. */
export const SMALL_NUMBERS: ReadonlySet<number> = new Set([21, 23, 26]);
/** float4, float8: they may be NaN or infinite, which JSON cannot say. */
export const FLOATS: ReadonlySet<number> = new Set([700, 701]);
export const TIMESTAMPTZ = 1184;
export const TIMESTAMPS: ReadonlySet<number> = new Set([1114, TIMESTAMPTZ]);

/** Types of the elements of array types: those that every server has. Others are asked for. */
export const ARRAYS: ReadonlyMap<number, number> = new Map([
  [1000, 16], // bool
  [1001, 17], // bytea
  [1002, 18], // "char"
  [1003, 19], // name
  [1005, 21], // int2
  [1007, 23], // int4
  [1028, 26], // oid
  [1016, 20], // int8
  [1009, 25], // text
  [1014, 1042], // bpchar
  [1015, 1043], // varchar
  [1021, 700], // float4
  [1022, 701], // float8
  [1231, 1700], // numeric
  [199, 114], // json
  [3807, 3802], // jsonb
  [1115, 1114], // timestamp
  [1185, 1184], // timestamptz
  [1182, 1082], // date
  [1183, 1083], // time
  [1270, 1266], // timetz
  [1187, 1186], // interval
  [2951, 2950], // uuid
  [1041, 869], // inet
  [651, 650], // cidr
  [1040, 829], // macaddr
  [791, 790], // money
  [1561, 1560], // bit
  [1563, 1562], // varbit
  [143, 142], // xml
  [3905, 3904], // int4range
  [3927, 3926], // int8range
  [3907, 3906], // numrange
  [3909, 3908], // tsrange
  [3911, 3910], // tstzrange
  [3913, 3912], // daterange
]);

/** The first number that types of users have. */
export const FIRST_OWN = 16_384;
