import { deployedResource } from './deployed-resource';

const PLACE = 'ap-northeast-2:000000000000';
export const queueArn = (name: string) => `arn:aws:sqs:${PLACE}:${name}`;
const queueUrl = (name: string) => `https://sqs.ap-northeast-2.amazonaws.com/000000000000/${name}`;

export const queue = (name: string, properties: Record<string, unknown> = {}) =>
  deployedResource('AWS::SQS::Queue', properties, {
    physicalId: queueUrl(name),
    name,
    logicalId: name,
    attributes: { Arn: queueArn(name) },
  });

/** Lets a service send, for one source alone as the CDK writes it. */
export const queuePolicy = (name: string, service: string, sourceArn: string) =>
  deployedResource('AWS::SQS::QueuePolicy', {
    Queues: [queueUrl(name)],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: service },
          Action: 'sqs:SendMessage',
          Resource: queueArn(name),
          Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
        },
      ],
    },
  });
