const TIME_DIGITS = 12;

/**
 * A UUID of version 7 (RFC 9562, section 5.7) of this moment (epoch milliseconds), with hex digits in place of its
 * random bits; so that made-up ids lie in an index as real ones do.
 */
export function uuidAt(at: number, digits: string): string {
  const time = at.toString(16).padStart(TIME_DIGITS, '0');
  const variant = (8 + (Number.parseInt(digits.charAt(3), 16) % 4)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`;
}
