import type { Check, MailReport } from '../../report/report';
import { check } from './checks';
import type { Facts } from './facts';

type MailFacts = Pick<Facts, 'mailRules' | 'executions' | 'deployments' | 'mail'>;

/** How soon people must know. */
const AT_ONCE_MS = 60_000;

/**
 * Every failure is told once, at once, and so that a person knows what, where and why. Asked only of
 * templates that have rules for it.
 */
export function reasonMailChecks(facts: MailFacts): Check[] {
  const { mailRules } = facts;
  return [
    ...(mailRules.actions ? failedActionMails(facts) : []),
    ...(mailRules.deployments ? failedDeploymentMails(facts) : []),
  ];
}

/** An alarm that watches the pipeline tells the truth. */
export function alarmChecks({
  executions,
  releaseAlarms,
}: Pick<Facts, 'executions' | 'releaseAlarms'>): Check[] {
  if (!executions.some(({ status }) => status === 'Failed')) return [];
  return releaseAlarms.map(({ name, state }) =>
    check(`the alarm ${name} is in ALARM`, state === 'ALARM', state),
  );
}

function failedActionMails({ executions, mail }: MailFacts): Check[] {
  const failed = executions.flatMap(({ id, stages }) =>
    stages.flatMap(({ name: stage, actions }) =>
      actions
        .filter(({ status }) => status === 'Failed')
        .map(({ name, summary, finishedAt }) => ({
          parts: [id, stage, name, summary],
          finishedAt,
        })),
    ),
  );
  return failed.map(({ parts, finishedAt }) => {
    const about = mail.filter((one) => tells(one, parts));
    const [, stage = '', action = ''] = parts;
    return check(
      `one mail tells within a minute that ${stage}/${action} failed, in which execution and why`,
      isOneEach(about) && isAtOnce(about, finishedAt),
      listed(about),
    );
  });
}

/** The action goes on waiting until its time limit, so the mail about the deployment comes first. */
function failedDeploymentMails({ deployments, executions, mail }: MailFacts): Check[] {
  const failed = deployments.filter(({ rolloutState }) => rolloutState === 'FAILED');
  return failed.map(({ id, finishedAt }) => {
    const about = mail.filter(
      (one) => tells(one, [id]) && executions.every((execution) => !tells(one, [execution.id])),
    );
    return check(
      'one mail tells within a minute that ECS has given the deployment up',
      isOneEach(about) && isAtOnce(about, finishedAt),
      listed(about),
    );
  });
}

/**
 * The same thing is told to nobody twice, and with a subject that SNS takes.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function isOneEach(mail: readonly MailReport[]): boolean {
  const addresses = new Set(mail.map(({ to }) => to));
  return mail.length > 0 && addresses.size === mail.length && mail.every(hasSubject);
}

function hasSubject({ subject }: MailReport): boolean {
  return /^[\x20-\x7e]{1,99}$/.test(subject);
}

/** A text may stand in a mail as it is, or as JSON. */
function tells({ text }: MailReport, parts: readonly string[]): boolean {
  return parts.every(
    (part) => text.includes(part) || text.includes(JSON.stringify(part).slice(1, -1)),
  );
}

function isAtOnce(mail: readonly MailReport[], since: string | null): boolean {
  if (since === null) return false;
  return mail.every(({ at }) => Math.abs(Date.parse(at) - Date.parse(since)) <= AT_ONCE_MS);
}

/** Mails with their time, for people. */
export function listed(mail: readonly MailReport[]): string {
  return (
    mail.map(({ subject, to, at }) => `${subject} to ${to} at ${at}`).join(', ') || 'no such mail'
  );
}
