import { z } from 'zod';
import { messageOf } from '../errors';

/** One entry of imagedefinitions.json. */
export interface ImageDefinition {
  /** Name of the container in the task definition */
  readonly name: string;
  readonly imageUri: string;
}

export type ImageDefinitionsResult =
  | { readonly valid: true; readonly imageDefinitions: readonly ImageDefinition[] }
  | { readonly valid: false; readonly message: string };

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const MAXIMUM_BYTES = 100 * 1024;

const EXAMPLE = '[{"name":"<container>","imageUri":"<image>"}]';

const schema = z.array(z.object({ name: z.string().min(1), imageUri: z.string().min(1) })).min(1);

/**
 * Reads and checks the image definitions file of the ECS deploy action.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html
 *
 * @param content the file's bytes, or undefined when the input artifact has no such file
 * @param fileName the action's `FileName`
 */
export function readImageDefinitions(
  content: Buffer | undefined,
  fileName = 'imagedefinitions.json',
): ImageDefinitionsResult {
  const invalid = (message: string) => ({ valid: false as const, message });
  if (content === undefined) {
    return invalid(
      `Did not find the image definition file ${fileName} in the input artifacts ZIP file. ` +
        `The name is matched with its upper and lower case; list the file under artifacts in the buildspec.`,
    );
  }
  if (content.byteLength > MAXIMUM_BYTES) {
    return invalid(
      `The image definition file ${fileName} has ${content.byteLength} bytes; ${MAXIMUM_BYTES} (100 KB) are allowed.`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (error) {
    return invalid(
      `The image definition file ${fileName} contains invalid JSON format: ${messageOf(error)}. Expected ${EXAMPLE} in UTF-8.`,
    );
  }
  const result = schema.safeParse(parsed);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${path.length === 0 ? 'the file' : path.join('.')}: ${message}`,
    );
    return invalid(
      `The image definition file ${fileName} is not a list of container names and images: ${problems.join('; ')}. Expected ${EXAMPLE}.`,
    );
  }
  const names = result.data.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    return invalid(`The image definition file ${fileName} names the container '${twice}' twice.`);
  }
  return { valid: true, imageDefinitions: result.data };
}
