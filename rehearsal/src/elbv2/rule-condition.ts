import { z } from 'zod';
import { cfnString } from '../cloudformation/read-properties';
import { isBlock } from '../ec2/ip-ranges';
import type { UntrustedPattern } from '../untrusted-pattern';
import { rulePattern } from './rule-pattern';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html */
export type ListenerCondition =
  | ({ readonly field: 'host-header' | 'path-pattern' } & TextComparison)
  | ({ readonly field: 'http-header'; readonly name: string } & TextComparison)
  | { readonly field: 'http-request-method' | 'source-ip'; readonly values: readonly string[] }
  | {
      readonly field: 'query-string';
      /** Without a key, it may be the value of any */
      readonly pairs: readonly { readonly key?: string | undefined; readonly value: string }[];
    };

/** What a text has to match: one of the values, or one of the regular expressions. */
interface TextComparison {
  /** With `*` and `?` */
  readonly values: readonly string[];
  readonly patterns: readonly UntrustedPattern[];
}

const MAX_CHARACTERS = 128;
const text = z.string().min(1).max(MAX_CHARACTERS);
const anyText = cfnString.pipe(text);
const patterns = z.array(rulePattern(MAX_CHARACTERS)).default([]);
const comparedWith = <Value extends z.ZodType<string>>(value: Value) => ({
  Values: z.array(value).default([]),
  RegexValues: patterns,
});

const hostName = text.regex(
  /^[-.*?A-Za-z0-9]*\.[A-Za-z0-9]+$/,
  "expected a host name of letters, digits, '-', '.', '*' and '?' that ends with '.' and letters or digits",
);
const path = text.regex(
  /^(?:[-A-Za-z0-9_.$/~"'@:+*?]|&(?:amp;)?)+$/,
  `expected a path of letters, digits and _ - . $ / ~ " ' @ : + & * ?`,
);
const method = z
  .string()
  .max(40)
  .regex(/^[-A-Z_]+$/, "expected a method of capital letters, '-' and '_'");
const headerName = z
  .string()
  .max(40)
  .regex(/^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/, 'expected the name of a header')
  .refine((name) => name.toLowerCase() !== 'host', 'AWS wants a host-header condition for it');
const block = z.string().refine(isBlock, 'expected a block of addresses such as 192.0.2.0/24');

const conditionSchema = z.discriminatedUnion(
  'Field',
  [
    z.object({
      Field: z.literal('host-header'),
      ...comparedWith(hostName),
      HostHeaderConfig: z.object(comparedWith(hostName)).prefault({}),
    }),
    z.object({
      Field: z.literal('path-pattern'),
      ...comparedWith(path),
      PathPatternConfig: z.object(comparedWith(path)).prefault({}),
    }),
    z.object({
      Field: z.literal('http-header'),
      RegexValues: patterns,
      HttpHeaderConfig: z.object({ HttpHeaderName: headerName, ...comparedWith(anyText) }),
    }),
    z.object({
      Field: z.literal('http-request-method'),
      HttpRequestMethodConfig: z.object({ Values: z.array(method).min(1) }),
    }),
    z.object({
      Field: z.literal('query-string'),
      QueryStringConfig: z.object({
        Values: z.array(z.object({ Key: anyText.optional(), Value: anyText })).min(1),
      }),
    }),
    z.object({
      Field: z.literal('source-ip'),
      SourceIpConfig: z.object({
        Values: z.array(block).min(1),
        IpAddressType: z.undefined('IpAddressType cannot be rehearsed').optional(),
      }),
    }),
  ],
  'expected host-header, path-pattern, http-header, http-request-method, query-string or source-ip',
);

function definitionOf(condition: z.output<typeof conditionSchema>): ListenerCondition {
  switch (condition.Field) {
    case 'host-header': {
      const { Field: field, Values, RegexValues, HostHeaderConfig: config } = condition;
      const values = [...Values, ...config.Values];
      return { field, values, patterns: [...RegexValues, ...config.RegexValues] };
    }
    case 'path-pattern': {
      const { Field: field, Values, RegexValues, PathPatternConfig: config } = condition;
      const values = [...Values, ...config.Values].map((one) => one.replaceAll('&amp;', '&'));
      return { field, values, patterns: [...RegexValues, ...config.RegexValues] };
    }
    case 'http-header': {
      const { Field: field, RegexValues, HttpHeaderConfig: config } = condition;
      const { HttpHeaderName: name, Values: values } = config;
      return { field, name, values, patterns: [...RegexValues, ...config.RegexValues] };
    }
    case 'http-request-method':
      return { field: condition.Field, values: condition.HttpRequestMethodConfig.Values };
    case 'source-ip':
      return { field: condition.Field, values: condition.SourceIpConfig.Values };
    case 'query-string': {
      const pairs = condition.QueryStringConfig.Values;
      return {
        field: condition.Field,
        pairs: pairs.map(({ Key: key, Value: value }) => ({ key, value })),
      };
    }
  }
}

/** Fields that a rule looks at once at most. */
const ONCE = ['host-header', 'http-request-method', 'path-pattern', 'source-ip'] as const;
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const MAX_VALUES = 5;
/** Some of AWS's pages say five. */
const MAX_WILDCARDS = 6;

const limits = z
  .custom<ListenerCondition[]>()
  .refine(
    (list) =>
      list.every(
        (condition) =>
          !('patterns' in condition) ||
          (condition.values.length === 0) !== (condition.patterns.length === 0),
      ),
    'AWS wants values or regular expressions for a condition, and not both',
  )
  .refine(
    (list) => ONCE.every((name) => list.filter(({ field }) => field === name).length <= 1),
    `AWS takes one condition of each of ${ONCE.join(', ')}`,
  )
  .refine(
    (list) => list.reduce((sum, condition) => sum + evaluations(condition), 0) <= MAX_VALUES,
    `AWS takes ${MAX_VALUES} values in all conditions of a rule`,
  )
  .refine(
    (list) => list.flatMap(wildcards).length <= MAX_WILDCARDS,
    `AWS takes ${MAX_WILDCARDS} wildcards in all conditions of a rule`,
  );

/** `Conditions` of a listener rule, with the limits that AWS documents. */
export const conditionsSchema = z.array(conditionSchema.transform(definitionOf)).pipe(limits);

function evaluations(condition: ListenerCondition): number {
  if (condition.field === 'query-string') return condition.pairs.length;
  return condition.values.length + ('patterns' in condition ? condition.patterns.length : 0);
}

function wildcards(condition: ListenerCondition): string[] {
  const texts =
    condition.field === 'query-string'
      ? condition.pairs.flatMap(({ key = '', value }) => [key, value])
      : condition.values;
  return texts.flatMap((one) => one.replace(/\\[*?]/g, '').match(/[*?]/g) ?? []);
}
