/**
 * Names of the page's custom properties, with what stands for each in a file: the colours that Okabe
 * and Ito chose to be told apart whatever one's colour vision (jfly.uni-koeln.de/color, 2008).
 */
export const COLOURS = {
	ink: '#1a1a1a',
	paper: '#ffffff',
	grid: '#d0d0d0',
	/** blue */
	c1: '#0072b2',
	/** vermilion */
	c2: '#d55e00',
	/** bluish green */
	c3: '#009e73',
	/** reddish purple */
	c4: '#cc79a7',
	/** orange */
	c5: '#e69f00',
	/** sky blue */
	c6: '#56b4e9',
} as const;

export type ColourName = keyof typeof COLOURS;

/** A colour as drawings name it; see `markup`. */
export const colour = (name: ColourName): string => `var(--${name})`;
