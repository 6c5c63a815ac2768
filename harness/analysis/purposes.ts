/** Second key word of every random stream: no two uses of one seed share a block. */
export const PURPOSE = {
	loops: 1,
	exactTest: 2,
	dependence: 3,
	formNoise: 11,
	replica: 21,
	universality: 31,
	contrasts: 32,
	homogeneity: 41,
	chainOrder: 42,
	informationSplit: 43,
	likeness: 51,
	likenessParts: 52,
	goodnessOfFit: 61,
} as const;
