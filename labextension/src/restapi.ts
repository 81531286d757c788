import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import type { IHeaderEdit, IHeaderSnapshot } from './notebook/header';
import type {
  IFailure,
  IHeadstartApi,
  INotebookStatus,
  RefreshMode
} from './tokens';
import { readEdit, readFailure, readStatus } from './validate';

/** The server refused, with its reason where it gave one. */
export class ApiError extends Error {
  /**
   * @param status - The HTTP status; 0 if there was no answer.
   * @param message - What is wrong, in one sentence.
   * @param failure - The server's own error, if it sent one.
   */
  constructor(
    readonly status: number,
    message: string,
    readonly failure: IFailure | null = null
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The only client of Headstart's server extension. */
export class HeadstartApi implements IHeadstartApi {
  constructor(
    readonly serverSettings: ServerConnection.ISettings = ServerConnection.makeSettings()
  ) {}

  async status(
    path: string,
    kernelId: string | null
  ): Promise<INotebookStatus> {
    const query = URLExt.objectToQueryString({ path, kernel: kernelId ?? '' });
    return readStatus(await this._request('GET', `notebook${query}`));
  }

  async push(
    path: string,
    kernelId: string | null,
    header: IHeaderSnapshot
  ): Promise<INotebookStatus> {
    const body = { path, kernel_id: kernelId, ...this._number(), ...header };
    return readStatus(await this._request('PUT', 'header', body));
  }

  async build(
    path: string,
    kernelId: string | null,
    header: IHeaderSnapshot
  ): Promise<INotebookStatus> {
    const body = { path, kernel_id: kernelId, ...this._number(), ...header };
    return readStatus(await this._request('POST', 'build', body));
  }

  async refresh(
    path: string,
    header: IHeaderSnapshot,
    mode: RefreshMode
  ): Promise<IHeaderEdit> {
    const body = { path, ...header, refresh: mode };
    return readEdit(await this._request('POST', 'refresh', body));
  }

  async cancel(path: string, kernelId: string | null): Promise<void> {
    await this._request('POST', 'cancel', { path, kernel_id: kernelId });
  }

  async close(path: string): Promise<void> {
    await this._request('POST', 'close', { path, ...this._number() });
  }

  /** Tells which of the requests of this page is the later one, when they overtake each other. */
  private _number(): { page: string; revision: number } {
    return { page: this._page, revision: ++this._revision };
  }

  private async _request(
    method: string,
    endpoint: string,
    body?: object
  ): Promise<unknown> {
    const url = URLExt.join(
      this.serverSettings.baseUrl,
      'headstart/api',
      endpoint
    );
    const init = { method, body: body && JSON.stringify(body) };
    const response = await ServerConnection.makeRequest(
      url,
      init,
      this.serverSettings
    );
    const payload = parse(await response.text());
    if (!response.ok) {
      throw refused(response, payload);
    }
    return payload;
  }

  private readonly _page = UUID.uuid4();
  private _revision = 0;
}

/** A proxy may answer with a page of its own: what is not JSON is no payload. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function refused(response: Response, payload: unknown): ApiError {
  const fallback = `${response.status} ${response.statusText}`;
  try {
    const { message, error } = payload as { message?: string; error?: unknown };
    const failure = error ? readFailure(error) : null;
    return new ApiError(
      response.status,
      failure?.message || message || fallback,
      failure
    );
  } catch {
    return new ApiError(response.status, fallback);
  }
}
