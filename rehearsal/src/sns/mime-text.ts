/** Bytes of an encoded word that fit a line of 76 characters, with `Subject: ` before it. */
const ENCODED_WORD_BYTES = 39;
/** https://www.rfc-editor.org/rfc/rfc2045#section-6.7 */
const QUOTED_PRINTABLE_COLUMNS = 76;

/**
 * Text as the value of a header: as it is where it is plain ASCII, else in encoded words. Line
 * breaks become spaces, so that no text can begin a header of its own.
 * https://www.rfc-editor.org/rfc/rfc2047
 */
export function headerText(text: string): string {
  // eslint-disable-next-line no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
  if (/^[\x20-\x7e]*$/.test(line) && !line.includes('=?') && line.length <= 900) return line;
  const words: string[] = [];
  let word = '';
  for (const character of line) {
    if (Buffer.byteLength(word + character) > ENCODED_WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word]
    .map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`)
    .join('\r\n ');
}

/** A name before an address, quoted so that it cannot be read as an address. */
export function displayName(name: string): string {
  const text = headerText(name);
  return text.startsWith('=?') ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** https://www.rfc-editor.org/rfc/rfc2045#section-6.7 */
export function quotedPrintable(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(encodeLine)
    .join('\r\n');
}

function encodeLine(line: string): string {
  const bytes = [...Buffer.from(line)];
  const units = bytes.map((byte, index) => {
    const space = byte === 0x20 || byte === 0x09;
    const literal = space ? index < bytes.length - 1 : byte > 0x20 && byte < 0x7f && byte !== 0x3d;
    return literal
      ? String.fromCharCode(byte)
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  const rows: string[] = [];
  let row = '';
  for (const unit of units) {
    // A column is kept free for the soft line break.
    if (row.length + unit.length > QUOTED_PRINTABLE_COLUMNS - 1) {
      rows.push(`${row}=`);
      row = '';
    }
    row += unit;
  }
  return [...rows, row].join('\r\n');
}
