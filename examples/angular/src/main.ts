import { inject, provideAppInitializer, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { App } from './app/app';
import { Vault } from './app/vault';

bootstrapApplication(App, {
  providers: [provideZonelessChangeDetection(), provideAppInitializer(() => inject(Vault).connect())],
}).catch((error) => console.error(error));
