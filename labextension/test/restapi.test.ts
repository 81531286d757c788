import { ServerConnection } from '@jupyterlab/services';
import { expect, test } from 'vitest';
import { ApiError, HeadstartApi } from '../src/restapi';

const header = { cells: [], metadata: null, jupytext: null };

/** A client whose server answers with one response; and the requests that it got. */
function client(status: number, body: string) {
  const requests: Request[] = [];
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/user/x/',
    fetch: request => {
      requests.push(request as Request);
      const hasBody = status !== 204;
      return Promise.resolve(new Response(hasBody ? body : null, { status }));
    }
  });
  return { api: new HeadstartApi(serverSettings), requests };
}

const answer = JSON.stringify({ path: 'a b.ipynb', state: 'none' });

test('the state is asked for by path and kernel', async () => {
  const { api, requests } = client(200, answer);
  await api.status('sub/a b.ipynb', null);
  const url = new URL(requests[0].url);
  expect(url.pathname).toBe('/user/x/headstart/api/notebook');
  expect(url.searchParams.get('path')).toBe('sub/a b.ipynb');
  expect(url.searchParams.get('kernel')).toBe('');
});

test('a header is put with its revision', async () => {
  const { api, requests } = client(200, answer);
  await api.push('a.ipynb', 'k1', 7, header);
  expect(requests[0].method).toBe('PUT');
  expect(await requests[0].json()).toEqual({
    path: 'a.ipynb',
    kernel_id: 'k1',
    revision: 7,
    ...header
  });
});

test('cancelling needs no body in the answer', async () => {
  const { api, requests } = client(204, '');
  await api.cancel('a.ipynb', 'k1');
  expect(await requests[0].json()).toEqual({
    path: 'a.ipynb',
    kernel_id: 'k1'
  });
});

test('an error of the server keeps its message and hint', async () => {
  const error = { code: 'header', message: 'Cell 2: no.', hint: 'Mend it.' };
  const { api } = client(400, JSON.stringify({ message: 'Bad', error }));
  const reason = await api
    .refresh('a.ipynb', 1, header, 'cached')
    .catch((caught: unknown) => caught);
  expect(reason).toBeInstanceOf(ApiError);
  expect((reason as ApiError).message).toBe('Cell 2: no.');
  expect((reason as ApiError).failure?.hint).toBe('Mend it.');
});

test.each(['<html>Bad gateway</html>', '{"error": 7}', ''])(
  'an answer that is not ours gives the HTTP status: %j',
  async body => {
    const { api } = client(502, body);
    await expect(api.status('a.ipynb', null)).rejects.toThrow(/^502/);
  }
);
