import { z } from 'zod';
import { messageOf } from '../errors';
import { type UntrustedPattern, untrustedPattern } from '../untrusted-pattern';

const ESCAPE = /\\[^]/g;
const CLASS = /\[[^\]]*\]/g;

/** What load balancers refuse, and what would mean something else in an expression of JavaScript. */
const REFUSED_ESCAPES: readonly (readonly [RegExp, string])[] = [
  [/[1-9k]/, 'a backreference'],
  [/[pP]/, 'a class of Unicode characters'],
  [/[^dDwWsSbBnrtfvx\W_]/, 'an escape of another dialect'],
];
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, 'a look-around'],
  [/\(\?>/, 'an atomic group'],
  [/\(\?[^:<]/, 'a subroutine, a recursion or a group with flags'],
  [/[*+?}]\+/, 'a possessive quantifier'],
];

/**
 * A regular expression of a listener rule. AWS documents what it may not have, not the dialect;
 * what JavaScript reads in another way than most is refused too. Cases are told apart, and a match
 * may lie anywhere in the text: the expressions of AWS's examples say `^` and `$` themselves.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 */
export function rulePattern(maxCharacters: number) {
  return z
    .string()
    .min(1)
    .max(maxCharacters)
    .transform((pattern, context): UntrustedPattern => {
      const part = refusedPart(pattern);
      try {
        if (part === undefined) return untrustedPattern(pattern, 'the pattern of a listener rule');
        const message = `${part} is not for listener rules, or cannot be rehearsed`;
        context.addIssue({ code: 'custom', message });
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
      }
      return z.NEVER;
    });
}

function refusedPart(pattern: string): string | undefined {
  for (const [escape] of pattern.matchAll(ESCAPE)) {
    const kind = REFUSED_ESCAPES.find(([letter]) => letter.test(escape.slice(1)))?.[1];
    if (kind !== undefined) return `${kind} ('${escape}')`;
  }
  const unescaped = pattern.replace(ESCAPE, 'x');
  if (unescaped.includes('[[:')) return "a POSIX class ('[[:')";
  const structure = unescaped.replace(CLASS, 'x');
  for (const [part, kind] of REFUSED) {
    const found = part.exec(structure)?.[0];
    if (found !== undefined) return `${kind} ('${found}')`;
  }
  return undefined;
}
