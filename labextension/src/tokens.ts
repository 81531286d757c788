import type { JSONValue, PartialJSONValue } from '@lumino/coreutils';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

/** What the environment of a notebook's kernel is doing; `none`: no kernel of ours runs for it. */
export type EnvironmentState =
  'none' | 'building' | 'ready' | 'unknown' | 'failed';

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

/** How far a build is. `total` is 0 while unknown; `size` is in bytes, `seconds` since it began. */
export interface IProgress {
  readonly phase: string;
  readonly message: string;
  readonly done: number;
  readonly total: number;
  readonly size: number;
  readonly seconds: number;
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
}

/** What is emitted while an environment is built, and at each change of its state. */
export interface IEnvironmentEvent {
  readonly path: string;
  readonly kernel_id: string;
  readonly state: EnvironmentState;
  readonly phase: string;
  readonly message: string;
  readonly done: number;
  readonly total: number;
  readonly size: number;
}

/** A cell that may hold a header. `index` counts from 0. */
export interface IHeaderCell {
  readonly index: number;
  readonly cell_type: string;
  readonly source: string;
}

/** A notebook's header as it stands in the editor, saved or not. */
export interface IHeaderSnapshot {
  readonly cells: readonly IHeaderCell[];
  readonly metadata: PartialJSONValue;
  /** What the metadata says of jupytext: its cells may be those of a text file. */
  readonly jupytext: PartialJSONValue;
}

/**
 * An edit of a header: the cell's new source, or the new value of the metadata's `headstart`; null
 * there removes the key.
 */
export interface IHeaderEdit {
  readonly place: HeaderPlace;
  readonly cell: number | null;
  readonly source: string | null;
  readonly metadata: JSONValue;
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
  /** Ask the user, then restart. */
  restart(): Promise<void>;
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
  /** Whether anybody looks; asleep, the model reads nothing but still pushes the header. */
  isActive: boolean;
  refresh(): Promise<void>;
  setRefreshMode(mode: RefreshMode): Promise<void>;
  restart(): Promise<void>;
  cancel(): Promise<void>;
  useHeadstart(): Promise<void>;
  handleEvent(event: IEnvironmentEvent): void;
}

/** One model a notebook, and which of them is in front. */
export interface IHeadstartManager extends IDisposable {
  readonly current: IEnvironmentModel | null;
  /** Another notebook is in front, or the state of the one in front changed. */
  readonly changed: ISignal<IHeadstartManager, void>;
  isActive: boolean;
}

/** The token of the manager. */
export const IHeadstartManager = new Token<IHeadstartManager>(
  'headstart:IHeadstartManager',
  'The environments of the open notebooks and which notebook is in front.'
);
