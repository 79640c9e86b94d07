// Parse's SDK calls its storage with callbacks, as AsyncStorage took them until version 2. Version 3 and Expo's SecureStore answer with
// promises only, and the SDK would wait for ever. This takes either, and gives the SDK what it calls.
export function asAsyncStorage(store) {
  const answer = (promise, done) => promise.then((value) => done?.(null, value), (error) => done?.(error));
  return {
    getItem: (path, done) => answer(store.getItem(key(path)), done),
    setItem: (path, value, done) => answer(store.setItem(key(path), value), done),
    removeItem: (path, done) => answer(store.removeItem(key(path)), done),
    getAllKeys: (done) => answer(Promise.resolve([]), done),
    multiGet: (paths, done) => answer(Promise.all(paths.map(async (path) => [path, await store.getItem(key(path))])), done),
  };
}

// SecureStore takes letters, digits and `.-_`; the SDK has slashes.
export const key = (path) => path.replace(/[^\w.-]/g, '.');
