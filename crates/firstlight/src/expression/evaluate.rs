//! Values of a bound expression, row by row.

use super::kinds::{Arithmetic, Bound, Comparison, Tree};
use super::{ExpressionError, Kind, Scalar};
use std::cmp::Ordering;

impl Bound {
    /// The value for one row, whose cells `cell` gives by the numbers that `bind` was told.
    ///
    /// # Errors
    /// [`ExpressionError`] where integers overflow 64 bits.
    pub fn value<'a>(&self, cell: &dyn Fn(usize) -> Scalar<'a>) -> Result<Scalar<'a>, ExpressionError> {
        let overflow = |Overflow| ExpressionError::new(&self.text, 0, "an integer overflows 64 bits");
        let value = evaluate(&self.tree, cell).map_err(overflow)?;
        Ok(match (self.kind(), value) {
            // Of a column of reals, also those that were computed from integers alone.
            (Kind::Real, Scalar::Integer(value)) => Scalar::Real(value as f64),
            (_, value) => value,
        })
    }

    /// Whether the row is to be kept: null counts as no.
    ///
    /// # Errors
    /// As [`Bound::value`].
    pub fn holds<'a>(&self, cell: &dyn Fn(usize) -> Scalar<'a>) -> Result<bool, ExpressionError> {
        Ok(self.value(cell)? == Scalar::Logical(true))
    }
}

struct Overflow;

fn evaluate<'a>(tree: &Tree, cell: &dyn Fn(usize) -> Scalar<'a>) -> Result<Scalar<'a>, Overflow> {
    Ok(match tree {
        Tree::Constant(value) => value.clone(),
        Tree::Column(index) => cell(*index),
        Tree::Not(inner) => match evaluate(inner, cell)? {
            Scalar::Logical(value) => Scalar::Logical(!value),
            _ => Scalar::Null,
        },
        Tree::Negative(inner) => match evaluate(inner, cell)? {
            Scalar::Integer(value) => Scalar::Integer(value.checked_neg().ok_or(Overflow)?),
            Scalar::Real(value) => Scalar::Real(-value),
            _ => Scalar::Null,
        },
        Tree::And(left, right) => connect(false, left, right, cell)?,
        Tree::Or(left, right) => connect(true, left, right, cell)?,
        Tree::Compare(comparison, left, right) => {
            compare(*comparison, &evaluate(left, cell)?, &evaluate(right, cell)?)
        }
        Tree::In(value, list) => {
            let value = evaluate(value, cell)?;
            let mut found = Scalar::Logical(false);
            for item in list {
                match compare(Comparison::Equal, &value, &evaluate(item, cell)?) {
                    Scalar::Logical(true) => return Ok(Scalar::Logical(true)),
                    Scalar::Null => found = Scalar::Null,
                    _ => {}
                }
            }
            found
        }
        Tree::Arithmetic(operation, left, right) => {
            arithmetic(*operation, &evaluate(left, cell)?, &evaluate(right, cell)?)?
        }
        Tree::Join(left, right) => match (evaluate(left, cell)?, evaluate(right, cell)?) {
            (Scalar::Text(a), Scalar::Text(b)) => Scalar::Text(a + b),
            _ => Scalar::Null,
        },
        Tree::Call(function, arguments) => {
            let arguments: Result<Vec<_>, _> = arguments.iter().map(|a| evaluate(a, cell)).collect();
            function.call(&arguments?)
        }
    })
}

/// `or` (`decisive` is true) and `and` (false): one side that is `decisive` settles it, also where the
/// other is null.
fn connect<'a>(
    decisive: bool,
    left: &Tree,
    right: &Tree,
    cell: &dyn Fn(usize) -> Scalar<'a>,
) -> Result<Scalar<'a>, Overflow> {
    let left = evaluate(left, cell)?;
    if left == Scalar::Logical(decisive) {
        return Ok(left);
    }
    let right = evaluate(right, cell)?;
    Ok(if right == Scalar::Logical(decisive) || left != Scalar::Null {
        right
    } else {
        Scalar::Null
    })
}

fn compare<'a>(comparison: Comparison, left: &Scalar<'_>, right: &Scalar<'_>) -> Scalar<'a> {
    let order = match (left, right) {
        (Scalar::Null, _) | (_, Scalar::Null) => return Scalar::Null,
        (Scalar::Logical(a), Scalar::Logical(b)) => Some(a.cmp(b)),
        (Scalar::Integer(a), Scalar::Integer(b)) => Some(a.cmp(b)),
        // FITS does not tell trailing blanks from none.
        (Scalar::Text(a), Scalar::Text(b)) => Some(a.trim_end_matches(' ').cmp(b.trim_end_matches(' '))),
        (a, b) => a.real().zip(b.real()).and_then(|(a, b)| a.partial_cmp(&b)),
    };
    Scalar::Logical(match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::Unequal => order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    })
}

fn arithmetic<'a>(
    operation: Arithmetic,
    left: &Scalar<'_>,
    right: &Scalar<'_>,
) -> Result<Scalar<'a>, Overflow> {
    if let (Scalar::Integer(a), Scalar::Integer(b)) = (left, right) {
        let integer = match operation {
            Arithmetic::Add => a.checked_add(*b),
            Arithmetic::Subtract => a.checked_sub(*b),
            Arithmetic::Multiply => a.checked_mul(*b),
            // The remainder by zero is no number.
            Arithmetic::Remainder if *b == 0 => return Ok(Scalar::Null),
            // The only overflow, MIN by -1, leaves nothing over.
            Arithmetic::Remainder => {
                let rest = a.checked_rem(*b).unwrap_or(0);
                Some(if rest != 0 && (rest < 0) != (*b < 0) {
                    rest + b
                } else {
                    rest
                })
            }
            Arithmetic::Divide => return Ok(Scalar::Real(*a as f64 / *b as f64)),
            Arithmetic::Power => return Ok(Scalar::Real((*a as f64).powf(*b as f64))),
        };
        return integer.map(Scalar::Integer).ok_or(Overflow);
    }
    let (Some(a), Some(b)) = (left.real(), right.real()) else {
        return Ok(Scalar::Null);
    };
    Ok(Scalar::Real(match operation {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => {
            let rest = a % b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
                rest + b
            } else {
                rest
            }
        }
        Arithmetic::Power => a.powf(b),
    }))
}
