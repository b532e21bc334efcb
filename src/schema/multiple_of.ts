/** Whether a number is a multiple of another as both are written: 0.3 is one of 0.1, which floating point does not say. */
export function isMultipleOf(value: number, divisor: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(divisor)) {
    return divisor > 0 && value % divisor === 0;
  }
  if (!Number.isFinite(value) || !Number.isFinite(divisor) || divisor <= 0) return false;
  const [digits, exponent] = decimal(value);
  const [divisorDigits, divisorExponent] = decimal(divisor);
  const shift = exponent - divisorExponent;
  return shift >= 0
    ? (digits * 10n ** BigInt(shift)) % divisorDigits === 0n
    : digits % (divisorDigits * 10n ** BigInt(-shift)) === 0n;
}

/** `1.5e3` → `[15n, 2]`. */
function decimal(value: number): [digits: bigint, exponent: number] {
  const [coefficient = "0", exponent = "0"] = String(Math.abs(value)).split("e");
  const fraction = coefficient.split(".")[1]?.length ?? 0;
  return [BigInt(coefficient.replace(".", "")), Number(exponent) - fraction];
}
