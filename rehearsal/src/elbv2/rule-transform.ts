import { z } from 'zod';
import { RehearsalError } from '../errors';
import type { UntrustedPattern } from '../untrusted-pattern';
import { rulePattern } from './rule-pattern';

/** Rewrites what a request asks for before it goes to a target. */
export interface RuleTransform {
  readonly type: 'host-header-rewrite' | 'url-rewrite';
  readonly pattern: UntrustedPattern;
  /** With `$1`, `$2` … for the groups of the pattern */
  readonly replacement: string;
}

/** What transforms can change. */
export interface TransformedRequest {
  /** The Host header */
  readonly host: string;
  /** Path and query */
  readonly url: string;
}

const MAX_CHARACTERS = 1024;
const config = z.object({
  Rewrites: z
    .array(
      z.object({
        Regex: rulePattern(MAX_CHARACTERS),
        Replace: z.string().max(MAX_CHARACTERS),
      }),
    )
    .length(1, 'only one rewrite of each kind can be rehearsed'),
});

/**
 * `Transforms` of a listener rule.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 */
export const transformsSchema = z
  .array(
    z.discriminatedUnion(
      'Type',
      [
        z.object({ Type: z.literal('host-header-rewrite'), HostHeaderRewriteConfig: config }),
        z.object({ Type: z.literal('url-rewrite'), UrlRewriteConfig: config }),
      ],
      'expected host-header-rewrite or url-rewrite',
    ),
  )
  .default([])
  .transform((list) =>
    list.flatMap((transform): RuleTransform[] => {
      const { Rewrites } =
        transform.Type === 'url-rewrite'
          ? transform.UrlRewriteConfig
          : transform.HostHeaderRewriteConfig;
      return Rewrites.map(({ Regex, Replace }) => ({
        type: transform.Type,
        pattern: Regex,
        replacement: Replace,
      }));
    }),
  )
  .refine(
    (list) => new Set(list.map(({ type }) => type)).size === list.length,
    'AWS takes one transform of each type',
  );

/** What a transform may leave behind: anything else has failed. */
const RESULTS: Readonly<Record<RuleTransform['type'], RegExp>> = {
  'host-header-rewrite': /^[-A-Za-z0-9._:[\]]+$/,
  'url-rewrite': /^\/[!-~]*$/,
};

/**
 * The request as targets get it; as it came where no pattern matches. That the URL is matched with
 * its query, and that the first match alone is replaced, is taken from "a pattern in the request
 * URL"; AWS documents no more.
 *
 * @throws RehearsalError `TransformFailed` (AWS answers 500), or `PatternInvalid` when a pattern
 *   takes too long
 */
export function transformedRequest(
  request: TransformedRequest,
  transforms: readonly RuleTransform[],
): TransformedRequest {
  const rewritten = (type: RuleTransform['type'], text: string) =>
    transforms
      .filter((transform) => transform.type === type)
      .reduce((result, transform) => rewrite(result, transform), text);
  return {
    host: rewritten('host-header-rewrite', request.host),
    url: rewritten('url-rewrite', request.url),
  };
}

function rewrite(text: string, { type, pattern, replacement }: RuleTransform): string {
  const found = pattern.find(text);
  if (found === undefined) return text;
  const replaced = replacement.replace(/\$(\d)/g, (group, number: string) => {
    if (Number(number) >= found.length) throw failed(type, `${group} is no group of its pattern`);
    return found[Number(number)] ?? '';
  });
  const result = text.slice(0, found.index) + replaced + text.slice(found.index + found[0].length);
  if (!RESULTS[type].test(result)) throw failed(type, `it makes '${result}' of '${text}'`);
  return result;
}

function failed(type: RuleTransform['type'], why: string): RehearsalError {
  return new RehearsalError('TransformFailed', `the ${type} of a listener rule fails: ${why}`);
}
