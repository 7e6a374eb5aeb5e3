/** Shorter texts are not masked: they would be found everywhere, and hiding them would tell where they are. */
const shortestMasked = 6;

/** Shortest line of a secret of several lines that is masked on its own. */
const shortestLine = 8;

/** Longer secrets are looked for as they stand and line by line alone; all forms of them would take too much memory. */
const longestEncoded = 16_384;

const encoder = new TextEncoder();

/** The bytes to look for. `plain` as they stand; `wrapped` also with line ends anywhere inside. */
export interface Forms {
  readonly plain: readonly Uint8Array[];
  readonly wrapped: readonly Uint8Array[];
}

/**
 * The forms in which a secret shows up in output: as it is, line by line, escaped for JSON, a URL or a form; and
 * encoded, where tools like to break lines: base64 in its three alignments, base64url, hexadecimal.
 *
 * A script can still transform a secret in ways that nobody lists. Masking is a net, not the fence.
 */
export function formsOf(secret: string): Forms {
  const whole = secret.trim();
  if (whole.length < shortestMasked) return { plain: [], wrapped: [] };
  const plain = new Set([whole, ...linesOf(whole)]);
  if (whole.length > longestEncoded) return { plain: [...plain].map(bytesOf), wrapped: [] };
  for (const form of [...jsonForms(whole), ...urlForms(whole)]) plain.add(form);
  const bytes = bytesOf(whole);
  return { plain: [...plain].map(bytesOf), wrapped: [...base64Forms(bytes), ...hexForms(bytes)].map(bytesOf) };
}

function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The frame of a PEM block is known to everybody; its lines are not. */
function linesOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/);
  if (lines.length < 2) return [];
  return lines.filter((line) => line.length >= shortestLine && !/^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/.test(line));
}

/** As JSON writers do it: the shortest escapes, with `/` escaped, with everything beyond ASCII escaped. */
function jsonForms(text: string): string[] {
  const inside = JSON.stringify(text).slice(1, -1);
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const ascii = inside.replace(/[\u007f-\uffff]/g, escaped);
  const html = ascii.replace(/[<>&'+]/g, escaped);
  const nested = JSON.stringify(inside).slice(1, -1);
  return [inside, ascii, html, inside.replaceAll('/', '\\/'), nested];
}

/** As URLs (strict and lenient, either letter case) and as HTML forms. */
function urlForms(text: string): string[] {
  const lenient = encodeURIComponent(wellFormed(text));
  const strict = lenient.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (form: string): string => form.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  return [lenient, strict, strict.replaceAll('%20', '+')].flatMap((form) => [form, lower(form)]);
}

function wellFormed(text: string): string {
  return new TextDecoder().decode(encoder.encode(text));
}

/** What is sure to appear in base64 wherever in a longer text the bytes begin; both alphabets. */
function base64Forms(bytes: Uint8Array): string[] {
  const forms = [0, 1, 2].map((before) => inBase64(bytes, before)).filter((form) => form.length >= shortestMasked);
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

/** Leaves out the characters at either end that also depend on the neighbours' bits. */
function inBase64(bytes: Uint8Array, before: number): string {
  const padded = new Uint8Array(before + bytes.length);
  padded.set(bytes, before);
  const coded = btoa(Array.from(padded, (byte) => String.fromCharCode(byte)).join(''));
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return coded.slice(first, last);
}

function hexForms(bytes: Uint8Array): string[] {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex, hex.toUpperCase()];
}
