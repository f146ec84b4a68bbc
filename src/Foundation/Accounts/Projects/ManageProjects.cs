using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Makes, renames and archives projects. None is ever deleted: usage and keys name them.</summary>
internal sealed class ManageProjects(NpgsqlDataSource database, IAudit audit, IdSource ids, TimeProvider time)
{
    private const string Columns = "p.project_id, p.name, p.slug, p.created_by, p.created_at, p.archived_at";

    private const string ListSql = $"""
        select {Columns}
        from accounts.projects p
        where p.org_id = $1
        order by p.archived_at is not null, p.project_id
        limit $2
        """;

    public async Task<IReadOnlyList<ProjectProfile>> List(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, org.Value, Limits.ProjectsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<ProjectProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(Read(row));
        }

        return found;
    }

    private const string InsertSql = """
        insert into accounts.projects (org_id, project_id, name, slug, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (org_id, slug) do nothing
        """;

    private const string CountSql = """
        select count(*)
        from accounts.projects
        where org_id = $1
        """;

    public async Task<ProjectOutcome> Create(
        OrgId org, NewProject wanted, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        var slug = wanted.Slug ?? SlugText.Of(wanted.Name);
        var invalid = InvalidInput.Of(
            ("name", InputText.Problem(wanted.Name, Limits.NameLettersMax)),
            ("slug", slug is null ? "must be given, as the name has no Latin letter" : SlugText.Problem(slug)));
        if (invalid is not null)
        {
            return new ProjectOutcome.Invalid(invalid);
        }

        var project = new ProjectProfile(ids.Next<ProjectId>(), wanted.Name, slug!, actor, Instant.Now(time), null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is null)
        {
            return new ProjectOutcome.NotFound();
        }

        await using (var count = transaction.Sql(CountSql, org.Value))
        {
            if ((long)(await count.ExecuteScalarAsync(cancellationToken))! >= Limits.ProjectsMax)
            {
                return new ProjectOutcome.TooMany();
            }
        }

        await using (var insert = transaction.Sql(
            InsertSql, org.Value, project.Id.Value, project.Name, project.Slug, actor, project.CreatedAt))
        {
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return new ProjectOutcome.SlugTaken(project.Slug);
            }
        }

        await audit.Record(
            transaction,
            new AuditEntry(org, actor, "project.created", project.Id.ToString(), After: AuditState.Of(project)),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ProjectOutcome.Done(project);
    }

    private const string FindSql = $"""
        select {Columns}
        from accounts.projects p
        where p.org_id = $1
            and p.project_id = $2
        for no key update
        """;

    private const string UpdateSql = """
        update accounts.projects p
        set name = $3, slug = $4, archived_at = $5
        where p.org_id = $1
            and p.project_id = $2
            and not exists (
                select 1
                from accounts.projects other
                where other.org_id = $1
                    and other.slug = $4
                    and other.project_id <> $2)
        """;

    public async Task<ProjectOutcome> Change(
        OrgId org, ProjectId id, ProjectChange change, string actor, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("name", InputText.OptionalProblem(change.Name, Limits.NameLettersMax)),
            ("slug", SlugText.Problem(change.Slug)));
        if (invalid is not null)
        {
            return new ProjectOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        if (await Find(transaction, org, id, cancellationToken) is not { } before)
        {
            return new ProjectOutcome.NotFound();
        }

        var after = before with
        {
            Name = change.Name ?? before.Name,
            Slug = change.Slug ?? before.Slug,
            ArchivedAt = change.IsArchived is not { } archived ? before.ArchivedAt
                : archived ? before.ArchivedAt ?? Instant.Now(time)
                : null,
        };
        if (before.ArchivedAt is null && after.ArchivedAt is { } now
            && await KeyRows.CountOfProject(transaction, org, id, now, cancellationToken) is > 0 and var keys)
        {
            return new ProjectOutcome.InUse(keys);
        }

        await using (var update = transaction.Sql(
            UpdateSql, org.Value, id.Value, after.Name, after.Slug, after.ArchivedAt))
        {
            if (await update.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return new ProjectOutcome.SlugTaken(after.Slug);
            }
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org, actor, "project.changed", id.ToString(), Before: AuditState.Of(before), After: AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ProjectOutcome.Done(after);
    }

    private const string IsLiveSql = """
        select p.archived_at is null
        from accounts.projects p
        where p.org_id = $1
            and p.project_id = $2
        for share
        """;

    /// <summary>Whether an organisation has a project in use, which nobody archives until the transaction ends.</summary>
    public static async Task<bool> IsLive(
        NpgsqlTransaction transaction, OrgId org, ProjectId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(IsLiveSql, org.Value, id.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<ProjectProfile?> Find(
        NpgsqlTransaction transaction, OrgId org, ProjectId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, org.Value, id.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    private static ProjectProfile Read(NpgsqlDataReader row) => new(
        new ProjectId(row.GetGuid(0)),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetFieldValue<DateTimeOffset>(4),
        row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5));
}
