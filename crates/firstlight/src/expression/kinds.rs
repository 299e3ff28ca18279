//! Binding names to columns, and checking kinds before any row is read.

use super::function::Function;
use super::parse::{Node, Part};
use super::{ExpressionError, Kind, Scalar};

/// An expression bound to the columns of one table.
#[derive(Debug, Clone)]
pub struct Bound {
    pub(super) text: String,
    pub(super) tree: Tree,
    kind: Kind,
}

impl Bound {
    /// The kind of its values (any of them may be null).
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// A bound part.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Constant(Scalar<'static>),
    Column(usize),
    Not(Box<Tree>),
    Negative(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Compare(Comparison, Box<Tree>, Box<Tree>),
    In(Box<Tree>, Vec<Tree>),
    Arithmetic(Arithmetic, Box<Tree>, Box<Tree>),
    Join(Box<Tree>, Box<Tree>),
    Call(Function, Vec<Tree>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

pub(super) fn bind(
    text: &str,
    tree: &Node,
    column: &dyn Fn(&str) -> Option<(usize, Kind)>,
) -> Result<Bound, ExpressionError> {
    let binder = Binder { text, column };
    let (tree, kind) = binder.bind(tree)?;
    Ok(Bound {
        text: text.to_owned(),
        tree,
        kind,
    })
}

struct Binder<'a> {
    text: &'a str,
    column: &'a dyn Fn(&str) -> Option<(usize, Kind)>,
}

type Bind = Result<(Tree, Kind), ExpressionError>;

/// Whether a value of this kind may stand where a number is wanted.
fn numeric(kind: Kind) -> bool {
    matches!(kind, Kind::Integer | Kind::Real | Kind::Null)
}

/// The kind that holds both; `None` where there is none.
pub(super) fn unite(a: Kind, b: Kind) -> Option<Kind> {
    match (a, b) {
        (a, b) if a == b => Some(a),
        (Kind::Null, other) | (other, Kind::Null) => Some(other),
        (Kind::Integer, Kind::Real) | (Kind::Real, Kind::Integer) => Some(Kind::Real),
        _ => None,
    }
}

impl Binder<'_> {
    fn fail<T>(&self, at: usize, reason: impl Into<String>) -> Result<T, ExpressionError> {
        Err(ExpressionError::new(self.text, at, reason))
    }

    fn bind(&self, node: &Node) -> Bind {
        match &node.part {
            Part::Constant(value) => Ok((Tree::Constant(value.clone()), kind_of(value))),
            Part::Name(name) => match (self.column)(name) {
                Some((index, kind)) => Ok((Tree::Column(index), kind)),
                None => self.fail(node.at, format!("there is no column '{name}'")),
            },
            Part::Not(inner) => {
                let bound = self.of_kind(
                    inner,
                    |k| matches!(k, Kind::Logical | Kind::Null),
                    "'not' takes true or false",
                )?;
                Ok((Tree::Not(Box::new(bound.0)), Kind::Logical))
            }
            Part::Negative(inner) => {
                let (tree, kind) = self.of_kind(inner, numeric, "'-' takes a number")?;
                Ok((Tree::Negative(Box::new(tree)), kind))
            }
            Part::Binary(sign, left, right) => self.binary(sign, left, right),
            Part::In(value, list) => self.membership(value, list),
            Part::Call(name, arguments) => self.call(node.at, name, arguments),
        }
    }

    fn of_kind(&self, node: &Node, fits: fn(Kind) -> bool, expected: &str) -> Bind {
        let (tree, kind) = self.bind(node)?;
        if fits(kind) {
            return Ok((tree, kind));
        }
        self.fail(node.at, format!("{expected}, but this is {kind}"))
    }

    fn binary(&self, sign: &str, left: &Node, right: &Node) -> Bind {
        let comparison = match sign {
            "==" => Some(Comparison::Equal),
            "!=" => Some(Comparison::Unequal),
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::LessOrEqual),
            ">" => Some(Comparison::Greater),
            ">=" => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if let Some(comparison) = comparison {
            let ((a, a_kind), (b, b_kind)) = (self.bind(left)?, self.bind(right)?);
            if unite(a_kind, b_kind).is_none() {
                return self.fail(left.at, format!("{a_kind} cannot be compared with {b_kind}"));
            }
            return Ok((Tree::Compare(comparison, Box::new(a), Box::new(b)), Kind::Logical));
        }
        if matches!(sign, "&&" | "||") {
            let logical = |kind| matches!(kind, Kind::Logical | Kind::Null);
            let expected = if sign == "&&" {
                "'and' takes true or false"
            } else {
                "'or' takes true or false"
            };
            let a = Box::new(self.of_kind(left, logical, expected)?.0);
            let b = Box::new(self.of_kind(right, logical, expected)?.0);
            return Ok((
                if sign == "&&" {
                    Tree::And(a, b)
                } else {
                    Tree::Or(a, b)
                },
                Kind::Logical,
            ));
        }
        self.arithmetic(sign, left, right)
    }

    fn arithmetic(&self, sign: &str, left: &Node, right: &Node) -> Bind {
        let operation = match sign {
            "+" => Arithmetic::Add,
            "-" => Arithmetic::Subtract,
            "*" => Arithmetic::Multiply,
            "/" => Arithmetic::Divide,
            "%" => Arithmetic::Remainder,
            _ => Arithmetic::Power,
        };
        let ((a, a_kind), (b, b_kind)) = (self.bind(left)?, self.bind(right)?);
        let (a, b) = (Box::new(a), Box::new(b));
        if sign == "+" && unite(a_kind, b_kind) == Some(Kind::Text) {
            return Ok((Tree::Join(a, b), Kind::Text));
        }
        for (node, kind) in [(left, a_kind), (right, b_kind)] {
            if !numeric(kind) {
                return self.fail(node.at, format!("'{sign}' takes numbers, but this is {kind}"));
            }
        }
        let kind = match operation {
            Arithmetic::Divide | Arithmetic::Power => Kind::Real,
            _ => unite(a_kind, b_kind).unwrap_or(Kind::Real),
        };
        Ok((Tree::Arithmetic(operation, a, b), kind))
    }

    fn membership(&self, value: &Node, list: &[Node]) -> Bind {
        let (tree, kind) = self.bind(value)?;
        let mut bound = Vec::with_capacity(list.len());
        for node in list {
            let (item, item_kind) = self.bind(node)?;
            if unite(kind, item_kind).is_none() {
                return self.fail(node.at, format!("{kind} cannot be compared with {item_kind}"));
            }
            bound.push(item);
        }
        Ok((Tree::In(Box::new(tree), bound), Kind::Logical))
    }

    fn call(&self, at: usize, name: &str, arguments: &[Node]) -> Bind {
        let Some(function) = Function::named(name) else {
            return self.fail(
                at,
                format!("there is no function '{name}'; there are {}", Function::list()),
            );
        };
        let mut bound = Vec::with_capacity(arguments.len());
        let mut kinds = Vec::with_capacity(arguments.len());
        for node in arguments {
            let (tree, kind) = self.bind(node)?;
            bound.push(tree);
            kinds.push(kind);
        }
        match function.kind(&kinds) {
            Ok(kind) => Ok((Tree::Call(function, bound), kind)),
            Err(expected) => self.fail(at, format!("{name} takes {expected}")),
        }
    }
}

fn kind_of(value: &Scalar<'_>) -> Kind {
    match value {
        Scalar::Null => Kind::Null,
        Scalar::Logical(_) => Kind::Logical,
        Scalar::Integer(_) => Kind::Integer,
        Scalar::Real(_) => Kind::Real,
        Scalar::Text(_) => Kind::Text,
    }
}
