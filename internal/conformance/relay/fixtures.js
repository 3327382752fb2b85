// What a Relay app would write against the hub: a list and a search that load more, a page that refetches itself by node(id), and a
// fragment on the interface that all records share. relay.mjs compiles it; it never runs.
import { graphql } from 'relay-runtime';

graphql`
  query fixturesHomeQuery($query: String!, $count: Int!, $cursor: String, $filter: RecordFilter) {
    ...fixturesPractices @arguments(count: $count, filter: $filter)
    ...fixturesSearch @arguments(query: $query, count: $count, cursor: $cursor)
    ...fixturesConcepts
  }
`;

graphql`
  fragment fixturesPractices on Query
  @refetchable(queryName: "fixturesPracticesPaginationQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
    filter: { type: "RecordFilter" }
  ) {
    goodPractices(first: $count, after: $cursor, last: $last, before: $before, filter: $filter, orderBy: NEWEST)
      @connection(key: "fixtures_goodPractices", filters: ["filter", "orderBy"]) {
      totalCount
      edges {
        cursor
        node {
          id
          ...fixturesCard
          ...fixturesPractice
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`;

graphql`
  fragment fixturesSearch on Query
  @refetchable(queryName: "fixturesSearchPaginationQuery")
  @argumentDefinitions(
    query: { type: "String!" }
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
  ) {
    search(query: $query, first: $count, after: $cursor) @connection(key: "fixtures_search") {
      totalCount
      edges {
        score
        node {
          __typename
          ...fixturesCard
        }
        highlights {
          field
          html
        }
      }
    }
  }
`;

graphql`
  fragment fixturesConcepts on Query
  @refetchable(queryName: "fixturesConceptsPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    concepts(scheme: THEME, first: $count, after: $cursor) @connection(key: "fixtures_concepts") {
      edges {
        node {
          slug
          label(in: ["lt", "en"]) {
            value
          }
        }
      }
    }
  }
`;

// A type with an id refetches itself through node(id).
graphql`
  fragment fixturesPractice on GoodPractice
  @refetchable(queryName: "fixturesPracticeRefetchQuery")
  @argumentDefinitions(in: { type: "[Language!]", defaultValue: ["lt", "en"] }) {
    problem(in: $in) {
      html
    }
    supportedBy {
      ...fixturesCard
    }
  }
`;

graphql`
  fragment fixturesCard on Record {
    slug
    title {
      value
      language
    }
    ... on Study {
      published
    }
  }
`;
