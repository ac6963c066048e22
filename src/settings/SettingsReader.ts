import { endpointsOf, type CloudEndpoints } from './clouds.ts';
import { settingDefinitions, type SettingDefinition, type SettingName } from './definitions.ts';
import { SettingsError } from './SettingsError.ts';

/** The process's environment variables, or what stands for them. */
export type Environment = Readonly<Record<string, string | undefined>>;

type SettingValue<N extends SettingName> = ReturnType<(typeof settingDefinitions)[N]['type']['parse']>;

/** Reads settings one by one and collects what is wrong with them. */
export class SettingsReader {
  readonly #env: Environment;
  readonly #faults: string[] = [];
  #endpoints: CloudEndpoints | undefined;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** What the documentation says of the chosen cloud and region. */
  get endpoints(): CloudEndpoints {
    return (this.#endpoints ??= this.#readEndpoints());
  }

  #readEndpoints(): CloudEndpoints {
    const cloud = this.find('DEFENDER_CLOUD') ?? 'global';
    const region = this.find('DEFENDER_REGION');
    if (region !== undefined && cloud !== 'global') {
      this.fault('DEFENDER_REGION is for the global cloud only; remove it, or set DEFENDER_CLOUD to global');
    }
    return endpointsOf(cloud, region);
  }

  find<N extends SettingName>(name: N): SettingValue<N> | undefined {
    const definition: SettingDefinition<unknown> = settingDefinitions[name];
    const { defaultByCloud } = definition;
    const fallback = defaultByCloud === undefined ? definition.default : this.endpoints[defaultByCloud];
    const value = this.#env[name]?.trim() || fallback;
    if (value === undefined) return undefined;
    try {
      return definition.type.parse(value) as SettingValue<N>;
    } catch (error) {
      this.fault(`${name} ${error instanceof Error ? error.message : 'is wrong'}`);
      return undefined;
    }
  }

  /** The value is only used after `throwFaults`, which never returns when something required is missing. */
  require<N extends SettingName>(name: N): SettingValue<N> {
    const faultsBefore = this.#faults.length;
    const value = this.find(name);
    if (value === undefined && this.#faults.length === faultsBefore) this.fault(`${name} is missing`);
    return value as SettingValue<N>;
  }

  fault(message: string): void {
    this.#faults.push(message);
  }

  throwFaults(): void {
    if (this.#faults.length > 0) throw new SettingsError([...new Set(this.#faults)]);
  }
}
