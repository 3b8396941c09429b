"""What one client's uploads share is its own."""

from alipay_mini_audit.files import BufferPool, PageCache, UploadResources


def test_each_client_has_resources_of_its_own() -> None:
    pool = BufferPool(1024)
    one, other = UploadResources(buffers=pool), UploadResources(buffers=pool)
    assert one.buffers is other.buffers is pool
    assert one.page_cache is not other.page_cache
    assert one.steps is not other.steps
    assert isinstance(one.page_cache, PageCache)
