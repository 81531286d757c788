import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { IHeaderEdit, IHeaderSnapshot } from './notebook/header';

/**
 * What the environment of a notebook's kernel is doing. `held`: nothing is installed until the user
 * has agreed to the header; `changing`: ready, and another one on the way; `none`: there is no header.
 */
export type EnvironmentState =
  'held' | 'building' | 'ready' | 'changing' | 'failed' | 'none';

/** Whether a kernel start may reuse an environment. */
export type RefreshMode = 'cached' | 'ephemeral';

/**
 * Where a header stands: in a cell, in the front matter of the first one, in the notebook's
 * metadata, in the text of a text notebook, or in a requirements file beside the notebook.
 */
export type HeaderPlace =
  'cell' | 'front-matter' | 'metadata' | 'text' | 'beside';

/** One installed distribution. `size` is in bytes; `required_by` are normalised names. */
export interface IPackage {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly direct: boolean;
  readonly required_by: readonly string[];
  readonly summary: string;
  readonly license: string;
  /** An http or https address, or empty. */
  readonly homepage: string;
}

/** The environment that the kernel really runs in. */
export interface IEnvironment {
  readonly key: string;
  readonly short_key: string;
  readonly mode: RefreshMode;
  readonly python: string;
  readonly prefix: string;
  /** Bytes. */
  readonly size: number;
  readonly reused: boolean;
  readonly packages: readonly IPackage[];
}

/** The notebook's header, as the server reads it. `cell` counts from 0. */
export interface IHeader {
  readonly place: HeaderPlace;
  readonly cell: number | null;
  readonly requirements: readonly string[];
  readonly requires_python: string;
  readonly refresh: RefreshMode;
  readonly warnings: readonly string[];
}

/** The header now against the one that the kernel started with. Pairs are (old, new). */
export interface IChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly (readonly [string, string])[];
  readonly refresh: readonly [RefreshMode, RefreshMode] | null;
  readonly requires_python: readonly [string, string] | null;
  /** Further fields of the header that differ. */
  readonly other: readonly string[];
}

/**
 * The step that a build is at. `done` and `total` count packages; a `total` is 0 while unknown.
 * `fraction` is of the whole build, from 0 to 1, `remaining` is in seconds; null while unknown.
 */
export interface IStep {
  readonly phase: string;
  readonly message: string;
  readonly done: number;
  readonly total: number;
  /** Bytes of the download in hand. */
  readonly size: number;
  readonly bytes_done: number;
  readonly bytes_total: number;
  readonly fraction: number | null;
  readonly remaining: number | null;
}

/** How far a build is; `seconds` since it began. */
export interface IProgress extends IStep {
  readonly seconds: number;
}

/** A cell that was run and waits for the environment; `cell_id` is empty if it is not known. */
export interface IWaitingCell {
  readonly msg_id: string;
  readonly cell_id: string;
}

/** What became of a build beside a running kernel: a restart would have it, or why it failed. */
export interface IChange {
  readonly ready: boolean;
  readonly error: IFailure | null;
}

/** Why something could not be done, what to do about it, and the log if there is one. */
export interface IFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly log: string;
}

/** All that the server knows of one notebook. */
export interface INotebookStatus {
  readonly path: string;
  /** Null if there is no kernel of ours. */
  readonly kernel_id: string | null;
  /** Whether a restart of the kernel applies the header, also if it is none of ours yet. */
  readonly reads_headers: boolean;
  readonly state: EnvironmentState;
  readonly header: IHeader | null;
  readonly header_error: IFailure | null;
  /** Where something stands that looks like a header, if there is none; or empty. */
  readonly misplaced: string;
  readonly environment: IEnvironment | null;
  /** What there is to know of the environment, one sentence each. */
  readonly notices: readonly string[];
  readonly changes: IChanges | null;
  /** Says, if that is so, that the kernel's notebook was not found. */
  readonly note: string | null;
  readonly progress: IProgress | null;
  readonly error: IFailure | null;
  /** In the order in which they will run. */
  readonly waiting: readonly IWaitingCell[];
  readonly change: IChange | null;
}

/** What is emitted while an environment is built, and at each change of its state. */
export interface IEnvironmentEvent extends IStep {
  readonly path: string;
  readonly kernel_id: string;
  readonly state: EnvironmentState;
  readonly waiting: readonly IWaitingCell[];
}

/** The server, as the front end sees it. Every call rejects with an `ApiError` if it fails. */
export interface IHeadstartApi {
  status(path: string, kernelId: string | null): Promise<INotebookStatus>;
  /** Tell the server the header as it stands in the editor; the one that comes last wins. */
  push(
    path: string,
    kernelId: string | null,
    header: IHeaderSnapshot
  ): Promise<INotebookStatus>;
  /** Agree to this header: build its environment, beside the kernel if one runs already. */
  build(
    path: string,
    kernelId: string | null,
    header: IHeaderSnapshot
  ): Promise<INotebookStatus>;
  /** The edit that gives `header` another refresh mode. */
  refresh(
    path: string,
    header: IHeaderSnapshot,
    mode: RefreshMode
  ): Promise<IHeaderEdit>;
  cancel(path: string, kernelId: string | null): Promise<void>;
  /** The notebook was closed: edits that were not saved are gone. */
  close(path: string): Promise<void>;
}

/** An open notebook, as the model sees it. */
export interface INotebookDocument extends IDisposable {
  /** The path on the server, without a drive. */
  readonly path: string;
  readonly kernelId: string | null;
  /** What the kernel is called in the picker; empty if none runs. */
  readonly kernelName: string;
  /** None runs and none is starting: it was shut down, or has died. */
  readonly hasNoKernel: boolean;
  /** The content changed, so the header may have. */
  readonly contentChanged: ISignal<INotebookDocument, void>;
  /** The content was saved. */
  readonly saved: ISignal<INotebookDocument, void>;
  /** Another kernel, another path, or the kernel started, restarted or died. */
  readonly kernelChanged: ISignal<INotebookDocument, void>;
  /** The header as it stands in the editor. */
  snapshot(): IHeaderSnapshot;
  /**
   * Make an edit that was computed from `snapshot`.
   *
   * @returns false if the document has changed since, so that nothing was done.
   */
  apply(edit: IHeaderEdit, snapshot: IHeaderSnapshot): boolean;
  /** Put a new code cell with this text at the top. */
  insertHeader(source: string): void;
  /** Whether the user is at work in it: nothing may take the keyboard then. */
  readonly hasFocus: boolean;
  /** Ask the user, then restart. */
  restart(): Promise<void>;
  /** Restart without asking, then run these cells, by their ids, in the notebook's order. */
  restartAndRun(cellIds: readonly string[]): Promise<void>;
  /** Start Headstart's kernel for the notebook, or change to it. */
  useHeadstart(): Promise<void>;
}

/** What the views show of one notebook, and what they can ask for. */
export interface IEnvironmentModel extends IDisposable {
  readonly document: INotebookDocument;
  /** Null until the server has answered. */
  readonly status: INotebookStatus | null;
  /** The last request that failed, in one sentence; empty if the last one succeeded. */
  readonly problem: string;
  /** When the build in hand began, in milliseconds since the epoch; 0 if there is none. */
  readonly buildingSince: number;
  readonly stateChanged: ISignal<IEnvironmentModel, void>;
  /** Whether its notebook is in front; behind, it goes by events, and reads once for a kernel. */
  isActive: boolean;
  refresh(): Promise<void>;
  setRefreshMode(mode: RefreshMode): Promise<void>;
  /** Agree to the header as the user sees it, and build its environment. */
  build(): Promise<void>;
  /**
   * Bring the header as the user sees it into the kernel. Where that takes a restart, the
   * environment is built first, and the user is asked when it is there.
   */
  apply(): Promise<void>;
  restart(): Promise<void>;
  /** Restart without asking, and run the cells that waited in vain. */
  restartAndRun(): Promise<void>;
  cancel(): Promise<void>;
  useHeadstart(): Promise<void>;
  handleEvent(event: IEnvironmentEvent): void;
}

/** One model a notebook, and which of them is in front. */
export interface IHeadstartManager extends IDisposable {
  readonly current: IEnvironmentModel | null;
  /** Another notebook is in front, or the state of the one in front changed. */
  readonly changed: ISignal<IHeadstartManager, void>;
}

/** The token of the manager. */
export const IHeadstartManager = new Token<IHeadstartManager>(
  'headstart:IHeadstartManager',
  'The environments of the open notebooks and which notebook is in front.'
);
