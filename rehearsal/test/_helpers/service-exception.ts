/** Matches what an AWS service throws: its code, and a part of its text. */
export function serviceException(code: string, text = ''): Error {
  return expect.objectContaining({ code, message: expect.stringContaining(text) }) as Error;
}
