/** How the message looks: on a wide screen or a telephone, by day or night, for anybody. */
import { ActionIcon, SegmentedControl } from "@mantine/core";
import {
  IconDeviceDesktop,
  IconDeviceMobile,
  IconMoon,
  IconTextCaption,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import type { TemplateSearch } from "../routes";
import type { EditorProps } from "../template/context";
import { MailLook } from "./MailLook";
import { PayloadLook } from "./PayloadLook";
import { PersonPick } from "./PersonPick";
import classes from "./preview.module.css";

type Props = EditorProps & {
  search: TemplateSearch;
  onSearch: (part: TemplateSearch) => void;
  /** A block that is drawn has been clicked. */
  onBlock?: (path: string) => void;
};

const VIEWS = [
  { id: "desktop", icon: IconDeviceDesktop },
  { id: "phone", icon: IconDeviceMobile },
  { id: "text", icon: IconTextCaption },
] as const;

export function PreviewPane(props: Props) {
  const { template, look, search, onSearch } = props;
  const { t } = useTranslation("messages");
  const format = useFormat();
  const { preview } = look;
  const mail = template.channel === "email";
  const view = search.view ?? "desktop";
  return (
    <section className={classes.pane} aria-label={t("preview.title")}>
      <div className={classes.bar}>
        {mail && (
          <>
            <SegmentedControl
              size="xs"
              aria-label={t("preview.view")}
              value={view}
              data={VIEWS.map((one) => ({
                value: one.id,
                label: (
                  <one.icon size={16} stroke={1.6} role="img" aria-label={t(`preview.${one.id}`)} />
                ),
              }))}
              onChange={(next) =>
                onSearch({ view: next === "desktop" ? undefined : (next as "phone" | "text") })
              }
            />
            <ActionIcon
              size={30}
              variant={search.dark ? "light" : "subtle"}
              color={search.dark ? "ai" : "gray"}
              aria-label={t("preview.dark")}
              title={t("preview.dark")}
              aria-pressed={search.dark ?? false}
              disabled={view === "text"}
              onClick={() => onSearch({ dark: search.dark ? undefined : true })}
            >
              <IconMoon size={16} aria-hidden />
            </ActionIcon>
          </>
        )}
        <PersonPick
          label={t("preview.as")}
          back={t("preview.sample")}
          person={preview?.person ?? null}
          asked={search.as}
          onPick={(as) => onSearch({ as })}
        />
        {mail && preview && preview.size > 0 && (
          <span className={classes.size}>{format.bytes(preview.size)}</span>
        )}
      </div>
      <div className={classes.stage} data-stale={look.stale || undefined} aria-busy={look.stale}>
        {look.error ? <ErrorState error={look.error} inline /> : null}
        {!look.error && !preview && <Loading lines={[60, 90, 90, 70]} />}
        {!look.error && preview && <Drawn {...props} />}
      </div>
    </section>
  );
}

function Drawn({ draft, look, search, onBlock }: Props) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  const { preview } = look;
  if (!preview) return null;
  const labels = (names: readonly string[]) =>
    names.map((name) => format.label(draft.body.fields[name]?.label) || name).join(t("comma"));
  if (preview.error) return <Remark tone="warn">{preview.error}</Remark>;
  const said = (["missing", "defaulted", "masked"] as const).filter(
    (one) => preview[one].length > 0,
  );
  return (
    <>
      {said.map((one) => (
        <Remark key={one} tone={one === "missing" ? "warn" : "info"}>
          {t(`preview.${one}`, { names: labels(preview[one]) })}
        </Remark>
      ))}
      {preview.channel === "email" ? (
        <MailLook
          mail={preview}
          device={search.view === "phone" ? "phone" : "desktop"}
          dark={search.dark ?? false}
          text={search.view === "text"}
          // What is drawn still shows another order of blocks until it is drawn anew.
          onBlock={onBlock && ((path) => !look.stale && onBlock(path))}
        />
      ) : (
        <PayloadLook
          channel={preview.channel}
          title={preview.subject}
          text={preview.text}
          payload={preview.payload}
          url={preview.url}
        />
      )}
    </>
  );
}
