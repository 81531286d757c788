"""A database in memory and in a file, plain and in threads."""

# %%
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = sa.create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all([Person(name="Ada"), Person(name="Bob")])
    session.commit()
    print(sa.__version__, session.scalars(sa.select(Person.name).order_by(Person.id)).all())

# %%
import logging

logging.basicConfig(format="%(name)s %(message)s")
logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
with engine.connect() as connection:
    connection.execute(sa.text("select 1"))
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)

# %%
import tempfile
import threading
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    other = sa.create_engine(f"sqlite:///{Path(folder) / 'a.db'}")
    Base.metadata.create_all(other)

    def add(number):
        with Session(other) as session:
            session.add(Person(name=f"n{number}"))
            session.commit()

    threads = [threading.Thread(target=add, args=[n]) for n in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    with Session(other) as session:
        print(session.scalar(sa.select(sa.func.count()).select_from(Person)))

# %%
print(sa.select(Person).where(Person.name.like("A%")))

# %% raises OperationalError
with engine.connect() as connection:
    connection.execute(sa.text("select * from missing"))
