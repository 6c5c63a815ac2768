/** The settings that need processes of their own, side by side as far as there are cores. */
import type { BuildVariants } from '../engine/build-variants.js';
import type { Gpu } from '../engine/llama.js';
import type { DoctorDocument } from './doctor-document.js';
import {
	type Elsewhere,
	elsewhere,
	type FromElsewhere,
	type Patient,
	sideBySide,
} from './doctor-elsewhere.js';
import type { DoctorRow } from './doctor-rows.js';

export interface AbroadRequest {
	/** On what the base runs. */
	readonly gpu: Gpu;
	/** Builds of the backend, where they can be told, and whether to try them: null: with small models. */
	readonly builds: BuildVariants | null;
	readonly tryBuilds: boolean | null;
	readonly cores: number;
	readonly signal: AbortSignal;
	readonly onStep: (name: string) => void;
}

export interface Abroad {
	/** Further rows of each model. */
	readonly rows: readonly (readonly DoctorRow[])[];
	readonly gpu: string;
	readonly backend: Pick<
		DoctorDocument['backend'],
		'variant' | 'variants' | 'notLoadable' | 'notTried'
	>;
}

/** Every build would load it once more. */
const SMALL_MODEL = 64 * 2 ** 20;
const MOST_PROCESSES = 4;
const BUILD = 'build';
const DEVICE = 'device';

interface Job {
	readonly job: Elsewhere;
	readonly patients: readonly Patient[];
}

/** @throws the signal's reason once it is aborted */
export async function goAbroad(
	patients: readonly Patient[],
	request: AbroadRequest,
): Promise<Abroad> {
	const { builds, gpu, signal } = request;
	const own: Job[] = [fresh(gpu), otherDevice(gpu)].map((job) => ({ job, patients }));
	const jobs = [...own, ...buildJobs(patients, request)];
	const { threads } = (patients[0] as Patient).examined.base;
	const most = Math.max(1, Math.min(MOST_PROCESSES, Math.floor(request.cores / threads)));
	const found = await sideBySide(jobs, most, async ({ job, patients: some }) => {
		signal.throwIfAborted();
		request.onStep(`${job.name.knob} ${job.name.to}`.trim());
		return { job, some, ...(await elsewhere(job, some, signal)) };
	});
	const done = found.filter(({ job, backend }) => !leftOut(job, backend));
	const tried = found.flatMap(({ job }) => job.variant?.name ?? []);
	return {
		rows: patients.map((patient) =>
			done.flatMap(({ some, rows }) => rows[some.indexOf(patient)] ?? []),
		),
		gpu: gpuLine(gpu, found[1] as FromElsewhere),
		backend: {
			variant: builds?.loaded ?? null,
			variants: builds?.all ?? [],
			notLoadable: found.flatMap(({ job, backend }) =>
				backend === null ? (job.variant?.name ?? []) : [],
			),
			notTried: (builds?.all ?? []).filter(
				(name) => name !== builds?.loaded && !tried.includes(name),
			),
		},
	};
}

function fresh(gpu: Gpu): Elsewhere {
	const name = { knob: 'fresh process', from: '', to: '' };
	return { name, gpu, onlyWithGpu: false, variant: null };
}

function otherDevice(gpu: Gpu): Elsewhere {
	return gpu === 'cpu'
		? {
				name: { knob: DEVICE, from: 'cpu', to: 'gpu' },
				...{ gpu: 'auto', onlyWithGpu: true, variant: null },
			}
		: {
				name: { knob: DEVICE, from: gpu, to: 'cpu' },
				...{ gpu: 'cpu', onlyWithGpu: false, variant: null },
			};
}

/** Every other build, with the first small model of each quantisation: more would tell the same again. */
function buildJobs(patients: readonly Patient[], request: AbroadRequest): Job[] {
	const { builds, tryBuilds, gpu } = request;
	if (builds === null || tryBuilds === false) return [];
	const some = patients.filter(({ file, examined: { numerics } }, i) => {
		const first = patients.findIndex((other) => other.file.quantisation === file.quantisation);
		const small = tryBuilds === true || file.bytes <= SMALL_MODEL;
		return first === i && small && numerics.backend === 'cpu';
	});
	if (some.length === 0) return [];
	return builds.all
		.filter((name) => name !== builds.loaded)
		.map((name) => ({
			job: {
				name: { knob: BUILD, from: builds.loaded, to: name },
				...{ gpu, onlyWithGpu: false, variant: { folder: builds.folder, name } },
			},
			patients: some,
		}));
}

/** A build that this processor cannot run, a GPU that is not there: said in one line, not in rows. */
function leftOut({ variant, name }: Elsewhere, backend: string | null): boolean {
	return (variant !== null && backend === null) || (name.to === 'gpu' && backend === 'cpu');
}

function gpuLine(gpu: Gpu, { backend, rows }: FromElsewhere): string {
	if (gpu !== 'cpu') return `the base runs on ${gpu}; the CPU was compared with it`;
	if (backend === null) return `not compared: ${rows[0]?.note ?? 'its process died'}`;
	if (backend === 'cpu') return 'no GPU that llama.cpp can use: nothing to compare';
	return `${backend}, compared with the CPU`;
}
