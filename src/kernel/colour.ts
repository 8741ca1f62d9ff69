/** The least contrast at which small text can be read by nearly everyone (WCAG 2, level AA). */
const contrastMin = 4.5;

/** `hex` ("#2f5d50"), darkened until white text on it is readable; `fallback` when it is not a colour. */
export function readableUnderWhite(hex: string, fallback: string): string {
  let channels = parseHex(hex) ?? parseHex(fallback) ?? [0, 0, 0];
  while (contrastWithWhite(channels) < contrastMin) channels = channels.map(channel => Math.floor(channel * 0.95));
  return formatHex(channels);
}

/** WCAG 2 contrast ratio of white against `channels`: 1 for white, 21 for black. */
export function contrastWithWhite(channels: number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map(linear);
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

/** The channels 0 to 255 of "#rrggbb" or "#rgb". */
export function parseHex(hex: string): number[] | undefined {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(hex);
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (short) return short.slice(1).map(digit => Number.parseInt(digit + digit, 16));
  return long?.slice(1).map(digits => Number.parseInt(digits, 16));
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function formatHex(channels: number[]): string {
  return `#${channels.map(channel => channel.toString(16).padStart(2, '0')).join('')}`;
}
