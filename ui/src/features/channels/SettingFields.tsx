/** A provider's form, as the provider describes it. Secrets are typed in and never shown again. */
import {
  ActionIcon,
  Button,
  Input,
  NumberInput,
  PasswordInput,
  Select,
  SimpleGrid,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Fault } from "@/client/errors";
import { Copied } from "@/features/events/Copied";
import classes from "./channels.module.css";
import type { Setting } from "./data";
import { isSecret, MADE_HERE, newSecret, type Values } from "./values";

interface Props {
  settings: readonly Setting[];
  values: Values;
  onChange: (values: Values) => void;
  /** The secrets that are set. */
  known?: readonly string[];
  faults: readonly Fault[];
  readOnly?: boolean;
}

export function SettingFields(props: Props) {
  const { settings, values, onChange, known = [], faults, readOnly = false } = props;
  const faultOf = (name: string) => faults.find((one) => one.path === `$.${name}`)?.message;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="md">
      {settings.map((one) => {
        const wide = one.kind === "rates" || one.kind === "secret_text";
        return (
          <div key={one.name} className={wide ? classes.wide : undefined}>
            {isSecret(one) ? (
              <SecretField
                setting={one}
                typed={values.secrets[one.name]}
                set={known.includes(one.name)}
                error={faultOf(one.name)}
                readOnly={readOnly}
                onChange={(next) => {
                  const { [one.name]: _, ...others } = values.secrets;
                  onChange({
                    ...values,
                    secrets: next === undefined ? others : { ...others, [one.name]: next },
                  });
                }}
              />
            ) : (
              <PlainField
                setting={one}
                value={values.config[one.name]}
                error={faultOf(one.name)}
                readOnly={readOnly}
                onChange={(next) =>
                  onChange({ ...values, config: { ...values.config, [one.name]: next } })
                }
              />
            )}
          </div>
        );
      })}
    </SimpleGrid>
  );
}

interface FieldProps<Value> {
  setting: Setting;
  error: string | undefined;
  readOnly: boolean;
  onChange: (value: Value) => void;
}

function PlainField(props: FieldProps<unknown> & { value: unknown }) {
  const { setting, value, error, readOnly, onChange } = props;
  const common = {
    label: setting.label,
    description: setting.help || undefined,
    inputWrapperOrder: ["label", "input", "description", "error"] as (
      | "label"
      | "input"
      | "description"
      | "error"
    )[],
    error,
    readOnly,
    withAsterisk: setting.required && setting.default === null,
  };
  switch (setting.kind) {
    case "number":
      return (
        <NumberInput
          {...common}
          min={setting.low}
          max={setting.high}
          allowDecimal={false}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(typeof next === "number" ? next : null)}
        />
      );
    case "flag":
      return (
        <Switch
          label={setting.label}
          description={setting.help}
          disabled={readOnly}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          searchable={setting.choices.length > 8 && !readOnly}
          allowDeselect={!setting.required && setting.default === null}
          value={typeof value === "string" ? value : null}
          data={setting.choices}
          onChange={onChange}
        />
      );
    case "rates":
      return <Rates {...props} />;
    default:
      return (
        <TextInput
          {...common}
          spellCheck={false}
          autoComplete="off"
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function SecretField(
  props: FieldProps<string | undefined> & { typed: string | undefined; set: boolean },
) {
  const { t } = useTranslation("channels");
  const { setting, typed, set, error, readOnly, onChange } = props;
  const taken = typed === "" && set;
  const state = taken ? "form.secretTaken" : set ? "form.secretSet" : "form.secretNone";
  const common = {
    label: setting.label,
    description: setting.help || undefined,
    inputWrapperOrder: ["label", "input", "description", "error"] as (
      | "label"
      | "input"
      | "description"
      | "error"
    )[],
    error,
    readOnly,
    withAsterisk: setting.required,
    placeholder: t(state),
    autoComplete: "off",
    value: typed ?? "",
  };
  const made = typed !== undefined && MADE_HERE.has(setting.name) && typed.startsWith("whsec_");
  return (
    <>
      {setting.kind === "secret_text" ? (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      ) : (
        <PasswordInput
          {...common}
          visibilityToggleButtonProps={{ "aria-label": t("form.show") }}
          autoComplete="new-password"
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      )}
      {!readOnly && (
        <div className={classes.secretRow}>
          {MADE_HERE.has(setting.name) && (
            <Button variant="subtle" size="compact-xs" onClick={() => onChange(newSecret())}>
              {t("form.makeSecret")}
            </Button>
          )}
          {set && !setting.required && typed === undefined && (
            <Button variant="subtle" size="compact-xs" onClick={() => onChange("")}>
              {t("form.takeSecret", { name: setting.label })}
            </Button>
          )}
          {taken && (
            <Button variant="subtle" size="compact-xs" onClick={() => onChange(undefined)}>
              {t("form.keepSecret")}
            </Button>
          )}
        </div>
      )}
      {made && (
        <div className={classes.made}>
          <p className="muted">{t("form.copySecret")}</p>
          <Copied label={setting.label} text={typed} />
        </div>
      )}
    </>
  );
}

interface Limit {
  per_second?: number;
  connections?: number;
}

/** How fast mail goes to a domain; `*` stands for every other one. */
function Rates(props: FieldProps<unknown> & { value: unknown }) {
  const { t } = useTranslation("channels");
  const { setting, value, error, readOnly, onChange } = props;
  const rows = Object.entries((value ?? {}) as Record<string, Limit>);
  const write = (next: [string, Limit][]) => onChange(Object.fromEntries(next));
  const change = (index: number, row: [string, Limit]) =>
    write(rows.map((old, place) => (place === index ? row : old)));
  return (
    <Input.Wrapper
      label={setting.label}
      labelElement="div"
      description={setting.help || undefined}
      error={error}
    >
      <div className={classes.rates}>
        {rows.map(([domain, limit], index) => (
          <div key={index} className={classes.rate} role="group" aria-label={domain}>
            <TextInput
              aria-label={t("rates.domain")}
              placeholder={t("rates.example")}
              readOnly={readOnly}
              value={domain}
              onChange={(event) => change(index, [event.currentTarget.value.trim(), limit])}
            />
            <NumberInput
              aria-label={t("rates.perSecond")}
              suffix={t("rates.perSecondUnit")}
              min={0.001}
              max={10_000}
              readOnly={readOnly}
              value={limit.per_second ?? ""}
              onChange={(next) =>
                typeof next === "number" && change(index, [domain, { ...limit, per_second: next }])
              }
            />
            <NumberInput
              aria-label={t("rates.connections")}
              suffix={t("rates.connectionsUnit")}
              min={1}
              max={64}
              allowDecimal={false}
              readOnly={readOnly}
              value={limit.connections ?? ""}
              onChange={(next) =>
                typeof next === "number" && change(index, [domain, { ...limit, connections: next }])
              }
            />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                aria-label={t("rates.remove", { domain })}
                onClick={() => write(rows.filter((_, place) => place !== index))}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            )}
          </div>
        ))}
        {!readOnly && (
          <div>
            <Button
              variant="default"
              size="xs"
              disabled={rows.some(([domain]) => domain === "")}
              onClick={() => write([...rows, ["", { per_second: 5, connections: 2 }]])}
            >
              {t("rates.add")}
            </Button>
          </div>
        )}
      </div>
    </Input.Wrapper>
  );
}
