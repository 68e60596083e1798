/** One person walked through step by step: what happens next is chosen, time goes on with it. */
import { ActionIcon, Button, Menu, NumberInput, Select } from "@mantine/core";
import { IconArrowBackUp, IconChevronDown, IconRefresh, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState, Loading } from "@/design/states";
import { PersonSearch } from "@/features/rules";
import { testQuery } from "./api";
import inspector from "./inspect/inspector.module.css";
import styles from "./journeys.module.css";
import { StoryLines } from "./StoryPanel";
import type { Journey, TestAction, TestOut } from "./types";
import type { Draft } from "./useDraft";
import { useWords } from "./words";

interface Props {
  journey: Journey;
  draft: Draft;
  over: boolean;
  onTold: (told: TestOut | null) => void;
  onClose: () => void;
}

const HOUR = 60;
const DAY = 24 * HOUR;

export function TestPanel(props: Props) {
  const { over, onClose } = props;
  const { t } = useTranslation("journeys");
  const content = <Walked {...props} />;
  if (over) {
    return (
      <RightPanel title={t("test.title")} onClose={onClose}>
        {content}
      </RightPanel>
    );
  }
  return (
    <aside className={inspector.inspector} aria-label={t("test.title")}>
      <header className={inspector.head}>
        <h2 className={inspector.heading}>{t("test.title")}</h2>
        <ActionIcon aria-label={t("design:close")} onClick={onClose}>
          <IconX size={17} aria-hidden />
        </ActionIcon>
      </header>
      <div className={inspector.body} tabIndex={0} role="group" aria-label={t("test.title")}>
        {content}
      </div>
    </aside>
  );
}

function Walked({ journey, draft, onTold }: Props) {
  const { t } = useTranslation("journeys");
  const [person, setPerson] = useState<{ id: string; display: string } | null>(null);
  const [actions, setActions] = useState<TestAction[]>([]);
  const [arms, setArms] = useState<Record<string, number>>({});
  const walk = useQuery(
    testQuery(journey.slug, {
      body: draft.body as never,
      key: "",
      values: {},
      person: person?.id ?? null,
      facts: { arms: person ? {} : arms, dates: {} },
      actions,
    }),
  );
  const told = walk.data;
  useEffect(() => {
    onTold(told ?? null);
    return () => onTold(null);
  }, [told, onTold]);
  const again = () => setActions([]);
  const act = (action: TestAction) => setActions((old) => [...old, action]);
  return (
    <div className={styles.walked}>
      <p className={styles.hint}>{t("test.lead")}</p>
      <div className={styles.testWho}>
        <span>{person ? person.display : t("test.invented")}</span>
        {person && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              setPerson(null);
              again();
            }}
          >
            {t("test.useInvented")}
          </Button>
        )}
      </div>
      <PersonSearch
        subject="person"
        label={t("test.person")}
        onPick={(found) => {
          setPerson({ id: found.id, display: found.display ?? found.key });
          again();
        }}
      />
      {!person && <Arms draft={draft} arms={arms} onChange={setArms} />}
      {walk.error && <ErrorState error={walk.error} inline />}
      {walk.isPending && <Loading lines={[60, 90]} />}
      {told && (
        <>
          <div className={styles.testNow} role="status">
            <span className={styles.testTime}>{told.local}</span>
            <span>{told.standing}</span>
          </div>
          <Possible told={told} onAct={act} />
          <div className={styles.testTools}>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconArrowBackUp size={14} aria-hidden />}
              disabled={actions.length === 0}
              onClick={() => setActions((old) => old.slice(0, -1))}
            >
              {t("test.back")}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconRefresh size={14} aria-hidden />}
              disabled={actions.length === 0}
              onClick={again}
            >
              {t("test.again")}
            </Button>
          </div>
          <StoryLines lines={told.lines} />
          {told.contacts.length > 0 && <Contacts told={told} />}
        </>
      )}
    </div>
  );
}

/** What an invented person's rules say, where her way parts by a rule. */
function Arms(props: {
  draft: Draft;
  arms: Record<string, number>;
  onChange: (arms: Record<string, number>) => void;
}) {
  const { draft, arms, onChange } = props;
  const { t } = useTranslation("journeys");
  const words = useWords();
  const branches = Object.entries(draft.body.steps).flatMap(([id, step]) =>
    step.kind === "branch" ? [{ id, step }] : [],
  );
  if (branches.length === 0) return null;
  return (
    <>
      {branches.map(({ id, step }) => (
        <Select
          key={id}
          size="xs"
          label={t("test.arm", { step: words.title(step) })}
          allowDeselect={false}
          value={String(arms[id] ?? -1)}
          data={[
            ...step.arms.map((arm, at) => ({
              value: String(at),
              label: words.both(arm.label) || t("way.arm", { number: at + 1 }),
            })),
            { value: "-1", label: t("way.else") },
          ]}
          onChange={(value) => value !== null && onChange({ ...arms, [id]: Number(value) })}
        />
      ))}
    </>
  );
}

/** What the step itself waits for; the rest may happen at any step. */
const HERE: readonly string[] = ["due", "signal", "delivery", "task"];

function Possible({ told, onAct }: { told: TestOut; onAct: (action: TestAction) => void }) {
  const { t } = useTranslation("journeys");
  const [hours, setHours] = useState(DAY / HOUR);
  if (told.state === "ended") return null;
  const act = (one: TestOut["possible"][number]) =>
    onAct({ kind: one.kind as TestAction["kind"], index: one.index, code: one.code, minutes: 0 });
  const here = told.possible.filter((one) => HERE.includes(one.kind));
  const anywhere = told.possible.filter((one) => !HERE.includes(one.kind) && one.kind !== "wait");
  return (
    <section className={styles.possible} aria-label={t("test.next")}>
      <div className={styles.possibleHead}>{t("test.next")}</div>
      <div className={styles.buttons}>
        {here.map((one) => (
          <Button
            key={`${one.kind}:${one.index}:${one.code}`}
            size="xs"
            variant={one.kind === "due" ? "filled" : "default"}
            onClick={() => act(one)}
          >
            {one.label}
          </Button>
        ))}
        {anywhere.length > 0 && (
          <Menu position="bottom-start" width={300}>
            <Menu.Target>
              <Button
                size="xs"
                variant="default"
                rightSection={<IconChevronDown size={14} aria-hidden />}
              >
                {t("test.anywhere")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {anywhere.map((one) => (
                <Menu.Item key={`${one.kind}:${one.index}:${one.code}`} onClick={() => act(one)}>
                  {one.label}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <div className={styles.travel}>
        <NumberInput
          size="xs"
          w={90}
          min={1}
          max={8760}
          allowDecimal={false}
          aria-label={t("test.hours")}
          value={hours}
          onChange={(value) => setHours(Number(value) || 1)}
        />
        <Button
          size="xs"
          variant="default"
          onClick={() => onAct({ kind: "wait", index: 0, code: "", minutes: hours * HOUR })}
        >
          {t("test.travel")}
        </Button>
      </div>
    </section>
  );
}

function Contacts({ told }: { told: TestOut }) {
  const { t } = useTranslation("journeys");
  return (
    <section>
      <div className={styles.possibleHead}>{t("test.contacts")}</div>
      <ul className={styles.contacts}>
        {told.contacts.map((one, at) => (
          <li key={`${one.step}:${at}`} data-answer={one.answer || undefined}>
            <span>{one.what}</span>
            <span className="muted">{one.sentence}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
