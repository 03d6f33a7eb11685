/** Why a filter pattern is refused; the caller adds where it stands. */
export class FilterPatternProblem extends Error {}
