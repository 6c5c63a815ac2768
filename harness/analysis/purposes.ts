/** Second key word of every random stream: no two uses of one seed share a block. */
export const PURPOSE = { loops: 1, exactTest: 2, dependence: 3 } as const;
