-- Chance without state: the same (seed, key, salt) always gives the same number, whatever the order rows are read in.
-- hash() is taken twice, since one pass only mixes its parts by XOR and two salts of one key would go hand in hand.
create macro rnd(k, salt) as (hash(hash(k, salt, getvariable('seed'))) >> 11)::double / 9007199254740992.0;

create macro rint(k, salt, lo, hi) as (lo + floor(rnd(k, salt) * (hi - lo + 1)))::bigint;

create macro pick(k, salt, words) as words[1 + floor(rnd(k, salt) * len(words))::bigint];

create macro gauss(k, salt) as
    sqrt(-2.0 * ln(1.0 - rnd(k, salt || '/r'))) * cos(6.283185307179586 * rnd(k, salt || '/a'));

-- a moment of the office day: 08:00 to 17:59
create macro office_time(day, k, salt) as
    day::timestamp + to_minutes(480 + floor(rnd(k, salt) * 600)::bigint);

create macro any_time(day, k, salt) as day::timestamp + to_minutes(floor(rnd(k, salt) * 1440)::bigint);

-- GB 11714 and GB 32100 check characters. The sums are written out term by term: over lists they cost ten times as
-- much.
create macro value36(symbol) as strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', symbol) - 1;

create macro value31(symbol) as strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', symbol) - 1;

create macro organisation_sum(body) as
    3 * value36(substr(body, 1, 1))
    + 7 * value36(substr(body, 2, 1))
    + 9 * value36(substr(body, 3, 1))
    + 10 * value36(substr(body, 4, 1))
    + 5 * value36(substr(body, 5, 1))
    + 8 * value36(substr(body, 6, 1))
    + 4 * value36(substr(body, 7, 1))
    + 2 * value36(substr(body, 8, 1));

create macro organisation_code(body) as
    body || substr('0X987654321', 1 + (organisation_sum(body) % 11)::int, 1);

create macro uscc_sum(body) as
    1 * value31(substr(body, 1, 1))
    + 3 * value31(substr(body, 2, 1))
    + 9 * value31(substr(body, 3, 1))
    + 27 * value31(substr(body, 4, 1))
    + 19 * value31(substr(body, 5, 1))
    + 26 * value31(substr(body, 6, 1))
    + 16 * value31(substr(body, 7, 1))
    + 17 * value31(substr(body, 8, 1))
    + 20 * value31(substr(body, 9, 1))
    + 29 * value31(substr(body, 10, 1))
    + 25 * value31(substr(body, 11, 1))
    + 13 * value31(substr(body, 12, 1))
    + 8 * value31(substr(body, 13, 1))
    + 24 * value31(substr(body, 14, 1))
    + 10 * value31(substr(body, 15, 1))
    + 30 * value31(substr(body, 16, 1))
    + 28 * value31(substr(body, 17, 1));

create macro uscc_of(body) as
    body || substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + ((31 - uscc_sum(body) % 31) % 31)::int, 1);

-- GB 11643 check character
create macro identity_number(body) as body || substr(
    '10X98765432',
    1 + list_sum([substr(body, j, 1)::bigint * [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2][j]
        for j in range(1, 18)])::bigint % 11,
    1
);

create macro base31(n, unit) as substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + (floor(n / unit)::bigint % 31), 1);

create macro person(k, salt) as
    substr(getvariable('surnames'), rint(k, salt || '/s', 1, length(getvariable('surnames'))), 1)
    || substr(getvariable('given'), rint(k, salt || '/g', 1, length(getvariable('given'))), 1)
    || case
        when rnd(k, salt || '/n') < 0.62
            then substr(getvariable('given'), rint(k, salt || '/h', 1, length(getvariable('given'))), 1)
        else ''
    end;

create macro brand(k, salt) as
    substr(getvariable('brand_first'), rint(k, salt || '/1', 1, length(getvariable('brand_first'))), 1)
    || substr(getvariable('brand_second'), rint(k, salt || '/2', 1, length(getvariable('brand_second'))), 1);

-- One row per day of the history: how busy it is for inspectors and for accidents, as running sums to draw from.
create table calendar as
with
    days as (
        select unnest(generate_series(getvariable('history_start'), getvariable('as_of'), interval 1 day))::date as day
    ),

    festival as (
        select day, min_by(day - first_day, abs(day - first_day)) as distance
        from days cross join spring_festival
        group by day
    ),

    weighed as (
        select
            day,
            floor((case isodow(day) when 5 then 85 when 6 then 12 when 7 then 8 else 100 end
            * [70, 62, 105, 108, 110, 132, 100, 98, 112, 104, 116, 96][month(day)]
            * case
                when distance between -2 and 8 then 4 when distance between -10 and 15 then 60
                when month(day) = 10 and day(day) <= 7 then 12 when month(day) = 5 and day(day) <= 5 then 20 else 100
            end
            * (100 + 6 * (year(day) - year(getvariable('history_start'))))) / 10000)::bigint as inspecting,
            floor((case isodow(day) when 7 then 82 else 100 end
            * [88, 74, 98, 100, 104, 108, 122, 120, 104, 98, 102, 96][month(day)]
            * case when distance between -2 and 7 then 35 when distance between 8 and 18 then 125 else 100 end
            * greatest(60, 100 - 7 * (year(day) - year(getvariable('history_start'))))) / 10000)::bigint as accidents
        from days join festival using (day)
    )

select
    day,
    (sum(inspecting) over (order by day) - inspecting) / (sum(inspecting) over ())::double as inspecting_from,
    (sum(accidents) over (order by day) - accidents) / (sum(accidents) over ())::double as accidents_from
from weighed;
