//! Multi-row inserts of few distinct shapes.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, InsertMany, IntoActiveModel};

/// The largest number of rows in one statement: the widest table stays far below SQLite's 32,766 parameters.
const MOST_ROWS: usize = 64;

/// What a row does that is already there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OnPresent {
    /// The whole statement fails.
    Fail,
    /// It is left as it is (conflict on the primary key only).
    Keep,
}

/// Inserts `rows` with as few statements as there are bits in their number: every statement has a power of two of rows, so that
/// a connection's cache of prepared statements holds all shapes that ever occur.
pub(super) async fn insert_all<C, E>(
    db: &C,
    _table: E,
    mut rows: Vec<E::Model>,
    on_present: OnPresent,
) -> Result<(), DbErr>
where
    C: ConnectionTrait,
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    while !rows.is_empty() {
        let rest = rows.split_off(chunk(rows.len()));
        let insert = InsertMany::<E::ActiveModel>::many(rows);
        match on_present {
            OnPresent::Fail => {
                insert.exec_without_returning(db).await?;
            }
            OnPresent::Keep => {
                insert.on_conflict_do_nothing().exec_without_returning(db).await?;
            }
        }
        rows = rest;
    }
    Ok(())
}

/// The largest power of two within `length` and [`MOST_ROWS`].
fn chunk(length: usize) -> usize {
    if length >= MOST_ROWS { MOST_ROWS } else { 1 << length.max(1).ilog2() }
}

/// `values` filled up to a power of two by repeating the last one: an `IN` list of few distinct shapes.
pub(super) fn padded<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    if let Some(last) = values.last().cloned() {
        let length = values.len().next_power_of_two();
        values.resize(length, last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_powers_of_two() {
        let chunks: Vec<usize> = [1, 2, 3, 63, 64, 65, 1000].into_iter().map(chunk).collect();
        assert_eq!(chunks, [1, 2, 2, 32, 64, 64, 64]);
        assert_eq!(padded(vec![1, 2, 3]), [1, 2, 3, 3]);
        assert!(padded(Vec::<u8>::new()).is_empty());
    }
}
