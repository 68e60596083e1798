/** The shapes of the segments' API, as it describes them. */
import type { Schemas } from "@/client/http";

export type SegmentRow = Schemas["SegmentRow"];
export type Segment = Schemas["SegmentDetail"];
export type Kind = SegmentRow["kind"];
export type State = SegmentRow["state"];
export type Rank = Schemas["RankIn"];
export type Refresh = Schemas["RefreshRow"];
export type Version = Schemas["VersionOut"];
export type Compared = Schemas["VersionCompareOut"];
export type Trend = Schemas["TrendOut"];
export type Member = Schemas["SegmentMemberRow"];
export type MemberDetail = Schemas["SegmentMemberDetail"];
export type Overlap = Schemas["OverlapOut"];
export type Composition = Schemas["CompositionOut"];
export type Bucket = Schemas["Bucket"];
export type Use = Schemas["UseOut"];
export type Difference = Schemas["DifferenceRow"];
