"""A browser for a class of tests, and nothing that its pages ask or are answered breaks the contract."""
from .browser import Browser
from .contract_proxy import ContractProxy


class WatchedBrowser:
    @classmethod
    def open_browser(cls) -> None:
        cls.proxy = ContractProxy()
        cls.addClassCleanup(cls.proxy.close)
        cls.browser = Browser(cls.proxy)
        cls.addClassCleanup(cls.browser.quit)

    def tearDown(self):
        self.assertEqual(self.proxy.tell(), [], "the browser met what the contract does not allow")
        self.assertTrue(self.proxy.passed, "the browser went another way")
