import type { Rule } from 'aws-cdk-lib/aws-events';
import { RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { Topic } from 'aws-cdk-lib/aws-sns';

/**
 * What people are told. Fields of the event may stand in every part, but only such as every event
 * of the rule has: EventBridge puts nothing where a field is missing, and `Commit: ` is no sentence.
 */
export interface Announcement {
  readonly title: string;
  /** One field of the event and nothing else: its text may hold quotes, which only this part survives. */
  readonly reason?: string;
  readonly sentences: readonly string[];
  readonly link: string;
}

export interface Audience {
  /** Its subscribers read mails. */
  readonly mail: Topic;
  /** Its subscriber posts to a chat. */
  readonly chat: Topic | undefined;
}

/** Tells everybody of every event of a rule. */
export function announce(rule: Rule, announcement: Announcement, { mail, chat }: Audience): void {
  rule.addTarget(new SnsTopic(mail, { message: mailText(announcement) }));
  if (chat) rule.addTarget(new SnsTopic(chat, { message: chatMessage(announcement) }));
}

function mailText({ title, reason, sentences, link }: Announcement): RuleTargetInput {
  return RuleTargetInput.fromMultilineText(
    [title, ...(reason === undefined ? [] : [`Reason: ${reason}`]), ...sentences, link].join('\n'),
  );
}

/** The only text of one's own that a chat shows: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html */
function chatMessage({ title, reason, sentences, link }: Announcement): RuleTargetInput {
  return RuleTargetInput.fromObject({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title,
      description: reason ?? title,
      nextSteps: [...sentences, link],
    },
  });
}
