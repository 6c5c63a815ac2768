/** detbal doctor: which settings change bits, on this machine, with these models. */
import { buildVariants } from '../engine/build-variants.js';
import type { NumericsIdentity } from '../engine/engine.js';
import { type Gpu, type LlamaHost, openLlamaHost } from '../engine/llama.js';
import { probeModel } from '../engine/probe.js';
import type { ModelReference } from '../experiment/experiment.js';
import { readManifest, verifyModels } from '../models/manifest.js';
import { installedPackages } from '../packages.js';
import { goAbroad } from './doctor-abroad.js';
import { DOCTOR_SCHEMA, type DoctorDocument, type DoctorModel } from './doctor-document.js';
import type { Patient } from './doctor-elsewhere.js';
import { isBusy, type Machine, machineNow, usableCores } from './doctor-machine.js';
import { remedies } from './doctor-mend.js';
import { type ExamineOptions, examineModel } from './doctor-model.js';
import type { DoctorRow } from './doctor-rows.js';
import { LIMITS, type TrialLimits } from './doctor-trial.js';
import { findModelFile, type ModelFile } from './model-files.js';

export interface DoctorRequest {
	/** null: one embedded model of each architecture and quantisation */
	readonly models: readonly ModelReference[] | null;
	/** On what the base runs; the other is compared with it. */
	readonly gpu: Gpu;
	/** Whether to try every build of the CPU backend; null: with small models. */
	readonly builds: boolean | null;
	/** Where the document will be written: its disk is looked at. */
	readonly out: string;
	readonly toolVersion: string;
	readonly signal: AbortSignal;
	readonly say: (line: string) => void;
	/** Told before each step; `total` may change. */
	readonly onStep: (done: number, total: number, name: string) => void;
	readonly limits?: TrialLimits;
}

/** Settings tried of a model within this process, and of all in processes of their own, about. */
const STEPS_OF_A_MODEL = 14;
const STEPS_ELSEWHERE = 15;

/**
 * Examines models under the settings that runs have by default and under others, one changed at a
 * time.
 * @throws UsageError for a model that is not there or is none
 * @throws HarnessError where the backend or a model cannot be loaded
 */
export async function runDoctor(request: DoctorRequest): Promise<DoctorDocument> {
	const machine = machineNow(request.out);
	const cores = usableCores(machine);
	const embedded = await embeddedStates();
	const files: ModelFile[] = [];
	for (const model of request.models ?? embeddedSample()) files.push(await findModelFile(model));
	await tryUnknown(files, request);
	const onStep = stepper(request, files.length);
	const busy = isBusy(machine);
	const { patients, builds } = await examineAll(files, request, { cores, busy, onStep });
	const abroad = await goAbroad(patients, {
		...{ gpu: request.gpu, builds, tryBuilds: request.builds, cores },
		...{ signal: request.signal, onStep },
	});
	const { numerics } = (patients[0] as Patient).examined;
	const used = Math.max(...patients.map(({ examined }) => examined.base.threads));
	const found: Omit<DoctorDocument, 'mend'> = {
		schema: DOCTOR_SCHEMA,
		createdAt: new Date().toISOString(),
		toolVersion: request.toolVersion,
		machine,
		threads: { used, oversubscribed: oversubscribed(machine, used) },
		backend: { ...backendOf(numerics, request.gpu), ...abroad.backend },
		gpu: abroad.gpu,
		packages: installedPackages().packages,
		embedded,
		models: patients.map((patient, i) => modelOf(patient, abroad.rows[i] ?? [])),
	};
	return { ...found, mend: remedies(found) };
}

function modelOf({ file, examined }: Patient, further: readonly DoctorRow[]): DoctorModel {
	const { numerics, laws, trial, rows } = examined;
	return {
		id: file.id,
		sha256: file.sha256,
		architecture: file.architecture,
		quantisation: file.quantisation,
		numerics,
		laws: laws.length,
		attempts: trial.attempts.length,
		tokens: trial.tokens,
		rows: [...rows, ...further],
	};
}

async function embeddedStates(): Promise<DoctorDocument['embedded']> {
	const checks = await verifyModels();
	return checks
		.filter(({ model }) => model.kind === 'embedded')
		.map(({ model, state }) => ({ id: model.id, state }));
}

/** One of each architecture and quantisation; a model and its twin compute alike. */
function embeddedSample(): ModelReference[] {
	const seen = new Set<string>();
	return readManifest().flatMap((model) => {
		if (model.kind !== 'embedded' || model.law === 'driven') return [];
		const kind = `${model.architecture} ${model.quantisation}`;
		if (seen.has(kind)) return [];
		seen.add(kind);
		return [{ id: model.id, path: null, sha256: null }];
	});
}

async function tryUnknown(files: readonly ModelFile[], { gpu, say }: DoctorRequest): Promise<void> {
	for (const { id, path, trusted } of files) {
		if (trusted) continue;
		say(`${id}: not a model that comes with detbal, trying it in a process of its own`);
		await probeModel(path, gpu, 'auto');
	}
}

/** About how many steps there are is known at once; the last ones may be told together. */
function stepper(
	{ onStep, builds }: Pick<DoctorRequest, 'onStep' | 'builds'>,
	models: number,
): (name: string) => void {
	const total = models * STEPS_OF_A_MODEL + (builds === false ? 2 : STEPS_ELSEWHERE);
	let done = 0;
	return (name) => onStep(Math.min(done++, total - 1), total, name);
}

type Watch = Pick<ExamineOptions, 'cores' | 'busy' | 'onStep'>;

async function examineAll(files: readonly ModelFile[], request: DoctorRequest, watch: Watch) {
	const host = await openLlamaHost(request.gpu);
	try {
		const patients: Patient[] = [];
		for (const file of files)
			patients.push({ file, examined: await examine(host, file, { ...request, ...watch }) });
		return { patients, builds: buildVariants() };
	} finally {
		await host.close();
	}
}

async function examine(
	host: LlamaHost,
	file: ModelFile,
	options: Omit<DoctorRequest, 'onStep'> & Watch,
): Promise<Patient['examined']> {
	const { gpu, limits, signal, cores, busy, onStep } = options;
	const model = await host.load(file, gpu === 'cpu' ? 0 : 'auto');
	try {
		return await examineModel(model, {
			...{ cores: Math.min(host.mathCores, cores), busy, signal },
			limits: limits ?? LIMITS,
			onStep: (name) => onStep(`${file.id}: ${name}`),
		});
	} finally {
		await model.close();
	}
}

function backendOf(numerics: NumericsIdentity, gpu: Gpu) {
	return {
		used: String(numerics.backend),
		why:
			gpu === 'cpu'
				? 'experiments use it unless engine.gpu says otherwise'
				: `--gpu ${gpu} asks for it`,
		package: String(numerics.package),
		llamaCpp: String(numerics.llamaCpp),
		build: String(numerics.build),
		devices: String(numerics.devices),
		cpuFeatures: String(numerics.cpuFeatures),
	};
}

/** More threads than cores, or others that want the cores too. */
function oversubscribed(machine: Machine, used: number): boolean {
	const cores = usableCores(machine);
	return used > cores || (machine.load[0] ?? 0) + used > cores + 1;
}
