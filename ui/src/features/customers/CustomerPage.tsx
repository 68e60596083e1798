import { ActionIcon, Anchor, Button, Menu, SegmentedControl } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconChevronDown, IconClipboardText, IconDotsVertical } from "@tabler/icons-react";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Page } from "@/design/Page";
import { RightPanel } from "@/design/RightPanel";
import { ErrorState, Loading } from "@/design/states";
import { ConsentPanel, GateMatrix } from "@/features/gate";
import { BriefPanel } from "./Brief";
import { GroupTree, PeoplePart } from "./Company";
import styles from "./customer.module.css";
import { personQuery, restrictionsQuery } from "./data";
import { DataAges, FactsPart } from "./FactsPart";
import { GateStrip } from "./GateStrip";
import { Identity, Worth } from "./Head";
import { Holdings, RowsPanel } from "./Holdings";
import { Notes } from "./Notes";
import { ReleasePanel } from "./ReleasePanel";
import { Holds, Restrictions } from "./Restrictions";
import { RestrictPanel } from "./RestrictPanel";
import { type CustomerSearch, PHONE_TABS, type PhoneTab } from "./routes";
import { SegmentPanel, SegmentsPart } from "./SegmentsPart";
import { Standing } from "./Standing";
import { Timeline } from "./Timeline";
import { type Person, RESTRICTS, type Restriction } from "./types";
import { WalksPart } from "./WalksPart";

export function CustomerPage() {
  const { t } = useTranslation("customers");
  const { customerId } = useParams({ from: "/frame/customers/$customerId" });
  const may = useMay();
  const person = useQuery(personQuery(customerId));
  const restrictions = useQuery({ ...restrictionsQuery(customerId), enabled: may("gate.read") });
  const back = (
    <Anchor component={Link} to="/customers" size="sm">
      {t("title")}
    </Anchor>
  );
  // What may not be done stands at the top: nothing is shown until it is known.
  if (person.data && !restrictions.isLoading) {
    return <Loaded key={customerId} person={person.data} restrictions={restrictions} back={back} />;
  }
  return (
    <Page title={t("one")} above={back}>
      {person.error ? (
        <ErrorState error={person.error} onRetry={() => void person.refetch()} />
      ) : (
        <Loading lines={[40, 100, 60, 100, 100, 80, 100]} />
      )}
    </Page>
  );
}

interface LoadedProps {
  person: Person;
  restrictions: UseQueryResult<Restriction[]>;
  back: React.ReactNode;
}

function Loaded({ person, restrictions, back }: LoadedProps) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const search = useSearch({ from: "/frame/customers/$customerId" });
  const navigate = useNavigate({ from: "/customers/$customerId" });
  const change = (part: CustomerSearch) =>
    void navigate({ search: (old: CustomerSearch) => ({ ...old, ...part }) });
  const release = may("gate.release") ? (id: string) => change({ release: id }) : undefined;
  const alone = person.subject === "person";
  useHotkeys([["b", () => alone && change({ brief: true })]]);
  return (
    <Page
      title={person.display ?? person.key}
      above={back}
      lead={<Identity person={person} />}
      others={<Actions id={person.id} alone={alone} onChange={change} />}
    >
      <div className={styles.head}>
        <Holds restrictions={restrictions.data ?? []} onRelease={release} />
        <Worth person={person} />
        {may("gate.read") && (
          <GateStrip
            id={person.id}
            purpose={search.purpose}
            onPurpose={(purpose) => change({ purpose })}
            onAll={() => change({ gate: true })}
          />
        )}
      </div>
      <SegmentedControl
        className={styles.phoneTabs}
        fullWidth
        aria-label={t("tabs.label")}
        value={search.tab ?? "timeline"}
        data={PHONE_TABS.map((one) => ({ value: one, label: t(`tabs.${one}`) }))}
        onChange={(tab) => change({ tab: tab === "timeline" ? undefined : (tab as PhoneTab) })}
      />
      <div className={styles.grid} data-tab={search.tab ?? "timeline"}>
        <div className={styles.facts}>
          <FactsPart person={person} />
          <Holdings person={person} onOpen={(relation) => change({ rows: relation })} />
          <DataAges person={person} />
        </div>
        <div className={styles.centre}>
          {person.related
            .filter((one) => one.part === "people" && one.total > 0)
            .map((one) => (
              <PeoplePart key={one.relation} person={person} related={one} />
            ))}
          <Timeline
            key={`${search.show ?? ""}:${search.year ?? ""}`}
            id={person.id}
            show={search.show}
            year={search.year}
            onChange={change}
          />
        </div>
        <div className={styles.side}>
          {!alone && <GroupTree id={person.id} />}
          <Notes id={person.id} />
          <SegmentsPart id={person.id} onOpen={(segment) => change({ segment })} />
          <WalksPart id={person.id} />
          <Standing id={person.id} />
          <Restrictions query={restrictions} onRelease={release} />
          <ConsentPanel personId={person.id} />
        </div>
      </div>
      <Panels person={person} restrictions={restrictions.data ?? []} onChange={change} />
    </Page>
  );
}

interface ChangeProps {
  onChange: (part: CustomerSearch) => void;
}

function Actions({ id, alone, onChange }: ChangeProps & { id: string; alone: boolean }) {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const may = useMay();
  return (
    <>
      {alone && (
        <Button
          leftSection={<IconClipboardText size={16} />}
          onClick={() => onChange({ brief: true })}
        >
          {t("brief.open")}
        </Button>
      )}
      {may("gate.restrict") && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={14} />}>
              {t("restrict.open")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {RESTRICTS.map((one) => (
              <Menu.Item key={one} onClick={() => onChange({ restrict: one })}>
                {t(`restrict.${one}.open`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {alone && may("privacy.write") && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={t("moreActions")}>
              <IconDotsVertical size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              onClick={() =>
                void navigate({ to: "/settings/privacy", search: { open: "new", person: id } })
              }
            >
              {t("request")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

interface PanelsProps extends ChangeProps {
  person: Person;
  restrictions: readonly Restriction[];
}

/** What is open beside the page, as the URL says. */
function Panels({ person, restrictions, onChange }: PanelsProps) {
  const { t } = useTranslation("customers");
  const search = useSearch({ from: "/frame/customers/$customerId" });
  const releasing = restrictions.find((one) => one.id === search.release);
  const rows = person.related.find((one) => one.relation === search.rows);
  return (
    <>
      {search.brief && (
        <BriefPanel person={person} onClose={() => onChange({ brief: undefined })} />
      )}
      {search.gate && (
        <RightPanel
          title={t("gate.all")}
          lead={person.display ?? person.key}
          width={640}
          onClose={() => onChange({ gate: undefined })}
        >
          <GateMatrix personId={person.id} />
        </RightPanel>
      )}
      {search.segment && (
        <SegmentPanel
          key={search.segment}
          id={person.id}
          slug={search.segment}
          onClose={() => onChange({ segment: undefined })}
        />
      )}
      {search.restrict && (
        <RestrictPanel
          key={search.restrict}
          person={person}
          type={search.restrict}
          onClose={() => onChange({ restrict: undefined })}
        />
      )}
      {releasing && (
        <ReleasePanel
          person={person}
          restriction={releasing}
          onClose={() => onChange({ release: undefined })}
        />
      )}
      {rows && (
        <RowsPanel person={person} related={rows} onClose={() => onChange({ rows: undefined })} />
      )}
    </>
  );
}
