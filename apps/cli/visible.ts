/**
 * Text from elsewhere, made harmless for a terminal: control characters (which could move the cursor, set the title
 * or write the clipboard), direction overrides and zero-width characters are shown as `\u{…}`. Tabs and line ends stay.
 */
export function visible(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (character) =>
    character === '\r' ? '\\r' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
