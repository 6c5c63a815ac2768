/** Resampling that may be shared out: every draw is a pure function of the input and its number. */

export interface Panel<Input> {
	/** unique; a worker finds the panel by it */
	readonly name: string;
	/** numbers per draw */
	readonly width: number;
	/**
	 * Draws `from` … `to` − 1, one row of `width` numbers each. Draw i must not depend on the range it
	 * was asked in, so that any division over workers gives the same bits. `input` holds only what
	 * structured cloning can copy.
	 */
	draw(input: Input, from: number, to: number): Float64Array;
}

/** Makes draws 0 … count − 1 of a panel, wherever: count × width numbers, row by row. */
export type Resample = <Input>(
	panel: Panel<Input>,
	input: Input,
	count: number,
) => Promise<Float64Array>;

/** All draws in this thread. */
export const resampleHere: Resample = async (panel, input, count) => panel.draw(input, 0, count);
