/** What `detbal doctor --json` prints, and what results/doctor.json holds. */
import type { NumericsIdentity } from '../engine/engine.js';
import type { Machine } from './doctor-machine.js';
import type { DoctorRow } from './doctor-rows.js';

export const DOCTOR_SCHEMA = 'detbal/doctor/1';

export interface DoctorDocument {
	readonly schema: typeof DOCTOR_SCHEMA;
	/** ISO 8601, UTC */
	readonly createdAt: string;
	readonly toolVersion: string;
	readonly machine: Machine;
	readonly threads: {
		/** Most threads that a model was given. */
		readonly used: number;
		readonly oversubscribed: boolean;
	};
	readonly backend: {
		readonly used: string;
		readonly why: string;
		readonly package: string;
		readonly llamaCpp: string;
		readonly build: string;
		readonly devices: string;
		readonly cpuFeatures: string;
		/** The build of the CPU backend that the library chose; null: it cannot be told here. */
		readonly variant: string | null;
		/** All of them, those that cannot be loaded here, and those that were not tried. */
		readonly variants: readonly string[];
		readonly notLoadable: readonly string[];
		readonly notTried: readonly string[];
	};
	/** In one line. */
	readonly gpu: string;
	readonly packages: Readonly<Record<string, string | null>>;
	/** Files of the models that come with detbal, against their manifest. */
	readonly embedded: readonly { readonly id: string; readonly state: string }[];
	readonly models: readonly DoctorModel[];
	/** Empty: nothing to mend. */
	readonly mend: readonly Remedy[];
}

export interface DoctorModel {
	readonly id: string;
	readonly sha256: string;
	readonly architecture: string;
	readonly quantisation: string | null;
	/** Of the base settings. */
	readonly numerics: NumericsIdentity;
	/** Laws compared in each row, attempts, and the most tokens of an attempt. */
	readonly laws: number;
	readonly attempts: number;
	readonly tokens: number;
	readonly rows: readonly DoctorRow[];
}

export interface Remedy {
	/** Runs cannot be repeated here before this is mended. */
	readonly must: boolean;
	readonly text: string;
}
