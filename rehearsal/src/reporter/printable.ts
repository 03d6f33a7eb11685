/**
 * Control characters but tab and line feed, and those that change the direction of writing: a
 * terminal would obey the first, and a reader be deceived by the second.
 */
// eslint-disable-next-line no-control-regex -- it is about them
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text for a terminal; what is not printable is shown as `\u001b`. */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(
      UNPRINTABLE,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
