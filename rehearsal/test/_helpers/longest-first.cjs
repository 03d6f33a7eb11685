const { default: Sequencer } = require('@jest/test-sequencer');

/** Whole rehearsals take a minute or two. One of them as the last would keep one worker alone. */
const LONG = /\/test\/(scenarios|projects|containers\/docker)\/|pull-request-release/;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = [...super.sort(tests)];
    return sorted.sort((a, b) => Number(LONG.test(b.path)) - Number(LONG.test(a.path)));
  }
};
