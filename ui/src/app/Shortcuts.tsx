import { Kbd, Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Place } from "./navigation";
import styles from "./Shortcuts.module.css";

interface ShortcutsProps {
  places: readonly Place[];
  open: boolean;
  onChange: (open: boolean) => void;
}

/** Groups of keys shown in the help; each page documents its own below its own group. */
const GROUPS = {
  everywhere: ["⌘K", "?", "Esc"],
  table: ["↑ ↓", "⏎", "x"],
  work: ["j k", "c", "v", "m", "1–9", "n"],
} as const;

/** Keys that work everywhere, and the page that explains all keys. */
export function Shortcuts({ places, open, onChange }: ShortcutsProps) {
  const { t } = useTranslation("app");
  useKeys(places, () => onChange(true));
  return (
    <Modal
      opened={open}
      onClose={() => onChange(false)}
      title={t("keys.title")}
      size={560}
      closeButtonProps={{ "aria-label": t("keys.close") }}
    >
      <div className={styles.groups}>
        {Object.entries(GROUPS).map(([group, keys]) => (
          <section key={group}>
            <h3>{t(`keys.group.${group}`)}</h3>
            <dl>
              {keys.map((key, index) => (
                <div key={key}>
                  <dt>
                    <Kbd size="xs">{key}</Kbd>
                  </dt>
                  <dd>{t(`keys.${group}.${index}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t("keys.group.go")}</h3>
          <dl>
            {places.map((place) => (
              <div key={place.id}>
                <dt>
                  <Kbd size="xs">g</Kbd> <Kbd size="xs">{place.key}</Kbd>
                </dt>
                <dd>{t(`place.${place.id}`)}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Modal>
  );
}

/** `?` for help; `g` and then a letter, within a second, to go somewhere. */
function useKeys(places: readonly Place[], onHelp: () => void): void {
  const navigate = useNavigate();
  const pressed = useRef(0);
  const help = useRef(onHelp);
  help.current = onHelp;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      if (target?.closest("input, textarea, select, [contenteditable]")) return;
      if (event.key === "?") {
        help.current();
        return;
      }
      if (event.key === "g") {
        pressed.current = event.timeStamp;
        return;
      }
      if (event.timeStamp - pressed.current > 1000) return;
      const place = places.find((one) => one.key === event.key);
      if (place) {
        pressed.current = 0;
        event.preventDefault();
        event.stopImmediatePropagation();
        void navigate({ to: place.to });
      }
    };
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, [places, navigate]);
}
