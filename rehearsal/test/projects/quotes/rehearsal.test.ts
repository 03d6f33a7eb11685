import { scratchDirectory } from '../../_helpers/scratch-directory';
import { rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/**
 * CDK 2.90 in Python: an app in Python too, a moving tag other than
 * latest, nearly every property left at its default.
 */
const scratch = scratchDirectory();

test(
  'an app that is not of Node.js is built, and refused by the name of its program without Docker',
  async () => {
    await expect(rehearse('quotes', scratch)).rejects.toThrow(
      /container '\S+-quotes-\w+' runs 'python3'; without Docker only Node\.js programs and scripts can be run\. Rehearse with --engine docker\./,
    );
  },
  REHEARSAL_TIMEOUT_MS,
);
